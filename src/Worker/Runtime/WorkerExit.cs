namespace Queued.Worker.Runtime;

/// <summary>How a worker, or one of its connections, ended.</summary>
internal readonly record struct WorkerExit(int Code, string? Message = null)
{
    internal const int UnfinishedCode = 1;
    internal const int RejectedCode = 3;
    internal const int LostCode = 4;

    internal static readonly WorkerExit Drained = new(0);

    /// <summary>The daemon stops, and let the worker go: an external one is wanted when it is back.</summary>
    internal static readonly WorkerExit DaemonStopping = new(0) { IsWantedAgain = true };

    /// <summary>Another connection may go on where this one ended.</summary>
    internal bool IsWantedAgain { get; private init; }

    internal static WorkerExit Unfinished(int attempts) => new(
        UnfinishedCode,
        $"attempts still running at the end of the grace: {attempts}.");

    internal static WorkerExit Rejected(string reason) => new(RejectedCode, reason);

    internal static WorkerExit Lost(string reason) => new(LostCode, reason) { IsWantedAgain = true };
}
