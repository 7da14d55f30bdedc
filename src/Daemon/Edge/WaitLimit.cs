using Google.Protobuf.WellKnownTypes;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Edge;

/// <summary>How long an awaiting call waits.</summary>
internal static class WaitLimit
{
    public static TimeSpan Read(Duration? wait, bool mayBeZero, BrokerLoopOptions options)
    {
        var check = new FieldCheck("");
        var given = check.Duration(wait, "wait");
        check.ThrowIfBad();
        var limit = given ?? options.WaitMax;
        if (limit <= options.WaitMax && (limit > TimeSpan.Zero || (mayBeZero && limit == TimeSpan.Zero))) return limit;

        throw RpcErrors.InvalidCall(
            "wait", $"wait is {limit}. It may be {(mayBeZero ? "0" : "more than 0")} to {options.WaitMax}.");
    }
}
