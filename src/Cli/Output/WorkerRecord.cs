using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A worker in JSON.</summary>
internal sealed record WorkerRecord
{
    public required string WorkerId { get; init; }

    public string? Pool { get; init; }

    public required string State { get; init; }

    public int? ProcessId { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public required long AttemptsTotal { get; init; }

    public long? ResidentBytes { get; init; }

    public required int Slots { get; init; }

    public required int Generation { get; init; }

    public required IReadOnlyList<string> Queues { get; init; }

    public required IReadOnlyList<string> Handlers { get; init; }

    public required IReadOnlyList<RunningRecord> Running { get; init; }

    public static WorkerRecord From(WorkerInfo worker) => new()
    {
        WorkerId = worker.Id,
        Pool = worker.Pool.Length == 0 ? null : worker.Pool,
        State = Words.Name(worker.State),
        ProcessId = worker.ProcessId,
        StartedAt = worker.StartedAt,
        AttemptsTotal = worker.AttemptsTotal,
        ResidentBytes = worker.ResidentBytes,
        Slots = worker.Slots,
        Generation = worker.Generation,
        Queues = worker.Queues,
        Handlers = worker.Handlers,
        Running = [.. worker.Running.Select(
            running => new RunningRecord(running.Task.Value, running.Attempt, running.Handler, running.Waiting))],
    };
}

internal sealed record RunningRecord(ulong TaskId, int Attempt, string Handler, bool Waiting);
