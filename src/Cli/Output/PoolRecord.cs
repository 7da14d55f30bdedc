using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A pool in JSON. The values of its environment are not shown: they may be secrets.</summary>
internal sealed record PoolRecord
{
    public required string Name { get; init; }

    public required string State { get; init; }

    public required int Size { get; init; }

    public required int ReadyCount { get; init; }

    public required int BusyCount { get; init; }

    public required int StartingCount { get; init; }

    public required int DrainingCount { get; init; }

    public required long RestartsTotal { get; init; }

    public required long AttemptsTotal { get; init; }

    public required int Generation { get; init; }

    public string? LastBootError { get; init; }

    public required IReadOnlyList<string> Queues { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required bool Exec { get; init; }

    public required IReadOnlyList<string> EnvNames { get; init; }

    public string? Cwd { get; init; }

    public required int Slots { get; init; }

    public int? TasksMax { get; init; }

    public double? AgeMaxSeconds { get; init; }

    public long? MemorySoftBytes { get; init; }

    public long? MemoryHardBytes { get; init; }

    public double? RecycleJitter { get; init; }

    public double? BootTimeoutSeconds { get; init; }

    public double? HeartbeatTimeoutSeconds { get; init; }

    public double? StopGraceSeconds { get; init; }

    public double? TermGraceSeconds { get; init; }

    public double? RestartBackoffSeconds { get; init; }

    public double? RestartBackoffMaxSeconds { get; init; }

    public int? BreakerFailures { get; init; }

    public static PoolRecord From(PoolInfo pool) => new()
    {
        Name = pool.Spec.Name,
        State = Words.Name(pool.State),
        Size = pool.Spec.Size,
        ReadyCount = pool.ReadyCount,
        BusyCount = pool.BusyCount,
        StartingCount = pool.StartingCount,
        DrainingCount = pool.DrainingCount,
        RestartsTotal = pool.RestartsTotal,
        AttemptsTotal = pool.AttemptsTotal,
        Generation = pool.Generation,
        LastBootError = pool.LastBootError,
        Queues = pool.Spec.Queues,
        Command = pool.Spec.Command,
        Exec = pool.Spec.Exec,
        EnvNames = [.. pool.Spec.Environment.Keys.Order(StringComparer.Ordinal)],
        Cwd = pool.Spec.WorkingDirectory,
        Slots = pool.Spec.Slots,
        TasksMax = pool.Spec.TasksMax,
        AgeMaxSeconds = pool.Spec.AgeMax?.TotalSeconds,
        MemorySoftBytes = pool.Spec.MemorySoftBytes,
        MemoryHardBytes = pool.Spec.MemoryHardBytes,
        RecycleJitter = pool.Spec.RecycleJitter,
        BootTimeoutSeconds = pool.Spec.BootTimeout?.TotalSeconds,
        HeartbeatTimeoutSeconds = pool.Spec.HeartbeatTimeout?.TotalSeconds,
        StopGraceSeconds = pool.Spec.StopGrace?.TotalSeconds,
        TermGraceSeconds = pool.Spec.TermGrace?.TotalSeconds,
        RestartBackoffSeconds = pool.Spec.RestartBackoff?.TotalSeconds,
        RestartBackoffMaxSeconds = pool.Spec.RestartBackoffMax?.TotalSeconds,
        BreakerFailures = pool.Spec.BreakerFailures,
    };
}
