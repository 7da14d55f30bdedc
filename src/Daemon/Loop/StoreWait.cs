using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// Which answers wait until the store has confirmed what came before them: all that could tell of it. A welcome, and a
/// refusal for what the daemon itself cannot take now, tell of nothing, and counts promise nothing.
/// </summary>
internal static class StoreWait
{
    public static bool IsNeeded(Response response) => response switch
    {
        Response.Welcomed or Response.Status => false,
        Response.Rejected rejected => IsNeeded(rejected.Rejection),
        Response.Submitted submitted => submitted.Results.Any(
            result => result.Rejection is not { } refusal || IsNeeded(refusal)),
        _ => true,
    };

    public static bool IsNeeded(Rejection rejection) =>
        rejection.Reason is not (RejectionReason.StoreFull or RejectionReason.DaemonDraining);
}
