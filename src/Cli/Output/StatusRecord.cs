using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>The daemon in JSON.</summary>
internal sealed record StatusRecord
{
    public required string Version { get; init; }

    public required bool Ready { get; init; }

    public required bool Draining { get; init; }

    public required IReadOnlyList<string> Problems { get; init; }

    public required int ProcessId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required IReadOnlyList<string> Endpoints { get; init; }

    public string? DataDirectory { get; init; }

    public required int QueueCount { get; init; }

    public required int PoolCount { get; init; }

    public required int WorkerCount { get; init; }

    public required int SessionCount { get; init; }

    public required long OpenTaskCount { get; init; }

    public required long RunningTaskCount { get; init; }

    public required long FinishedTaskCount { get; init; }

    public required IReadOnlyDictionary<string, long> Limits { get; init; }

    public static StatusRecord From(DaemonStatus status) => new()
    {
        Version = status.Version,
        Ready = !status.Draining && status.Problems.Count == 0,
        Draining = status.Draining,
        Problems = status.Problems,
        ProcessId = status.ProcessId,
        StartedAt = status.StartedAt,
        Endpoints = status.Endpoints,
        DataDirectory = status.DataDirectory.Length == 0 ? null : status.DataDirectory,
        QueueCount = status.QueueCount,
        PoolCount = status.PoolCount,
        WorkerCount = status.WorkerCount,
        SessionCount = status.SessionCount,
        OpenTaskCount = status.OpenTaskCount,
        RunningTaskCount = status.RunningTaskCount,
        FinishedTaskCount = status.FinishedTaskCount,
        Limits = status.Limits,
    };
}
