using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>The core refused a command.</summary>
internal sealed class RejectedException(Rejection rejection) : Exception(rejection.Message)
{
    public Rejection Rejection { get; } = rejection;
}

/// <summary>The inbox is full. What was asked has not been looked at.</summary>
internal sealed class BrokerBusyException()
    : Exception("The daemon has more requests waiting than it takes on at once.");

/// <summary>The loop has ended: the daemon stops, or the core failed.</summary>
internal sealed class BrokerStoppedException(Exception? cause)
    : Exception("The daemon is stopping.", cause);
