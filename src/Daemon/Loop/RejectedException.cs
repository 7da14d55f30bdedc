using System.Globalization;
using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>The core refused a command.</summary>
internal sealed class RejectedException(Rejection rejection) : Exception(rejection.Message)
{
    public Rejection Rejection { get; } = rejection;
}

/// <summary>The inbox is full. What was asked has not been looked at.</summary>
internal sealed class BrokerBusyException(int inboxMax)
    : Exception(string.Create(
        CultureInfo.InvariantCulture,
        $"{inboxMax} requests wait for the daemon, which is the limit inbox_max. Nothing was done; try again."));

/// <summary>The loop has ended: the daemon stops, or the core failed.</summary>
internal sealed class BrokerStoppedException(Exception? cause)
    : Exception("The daemon is stopping.", cause);
