using Proto = Queued.Protocol.V1;

namespace Queued.Client.Wire;

/// <summary>Pools and workers between the contract and this SDK's types.</summary>
internal static class PoolMapping
{
    public static Proto.PoolSpec ToWire(this PoolSpec spec)
    {
        var wire = new Proto.PoolSpec
        {
            Name = spec.Name,
            Size = spec.Size.ToCount("pool.size"),
            Exec = spec.Exec,
            Cwd = spec.WorkingDirectory ?? "",
            Slots = spec.Slots.ToCount("pool.slots"),
            BootTimeout = spec.BootTimeout.ToDuration(),
            HeartbeatTimeout = spec.HeartbeatTimeout.ToDuration(),
            TasksMax = (spec.TasksMax ?? 0).ToCount("pool.tasks_max"),
            AgeMax = spec.AgeMax.ToDuration(),
            MemorySoftBytes = (spec.MemorySoftBytes ?? 0).ToCount("pool.memory_soft_bytes"),
            MemoryHardBytes = (spec.MemoryHardBytes ?? 0).ToCount("pool.memory_hard_bytes"),
            StopGrace = spec.StopGrace.ToDuration(),
            TermGrace = spec.TermGrace.ToDuration(),
            RestartBackoff = spec.RestartBackoff.ToDuration(),
            RestartBackoffMax = spec.RestartBackoffMax.ToDuration(),
            BreakerFailures = (spec.BreakerFailures ?? 0).ToCount("pool.breaker_failures"),
        };
        if (spec.RecycleJitter is { } jitter)
            wire.RecycleJitter = jitter;
        wire.Queues.Add(spec.Queues);
        wire.Command.Add(spec.Command);
        wire.Env.AddAll(spec.Environment);
        return wire;
    }

    public static PoolInfo ToInfo(this Proto.PoolInfo wire) => new()
    {
        Spec = (wire.Spec ?? new Proto.PoolSpec()).ToSpec(),
        State = wire.State is >= Proto.PoolState.Active and <= Proto.PoolState.Stopping
            ? (PoolState)wire.State
            : PoolState.Unknown,
        ReadyCount = (int)wire.ReadyCount,
        BusyCount = (int)wire.BusyCount,
        StartingCount = (int)wire.StartingCount,
        DrainingCount = (int)wire.DrainingCount,
        RestartsTotal = (long)wire.RestartsTotal,
        AttemptsTotal = (long)wire.AttemptsTotal,
        LastBootError = wire.LastBootError.Length > 0 ? wire.LastBootError : null,
        Generation = (int)wire.Generation,
    };

    public static WorkerInfo ToInfo(this Proto.WorkerInfo wire) => new()
    {
        Id = wire.WorkerId,
        Pool = wire.Pool,
        State = wire.State is >= Proto.WorkerState.Starting and <= Proto.WorkerState.Fatal
            ? (WorkerState)wire.State
            : WorkerState.Unknown,
        ProcessId = wire.ProcessId.NullIfZero(),
        StartedAt = wire.StartedAt.ToTime(),
        Running =
            [.. wire.Running.Select(ToAttempt)],
        AttemptsTotal = (long)wire.AttemptsTotal,
        ResidentBytes = wire.ResidentBytes.NullIfZero(),
        Queues = [.. wire.Queues],
        Handlers = [.. wire.Handlers],
        Slots = (int)wire.Slots,
        Generation = (int)wire.Generation,
    };

    private static RunningAttempt ToAttempt(Proto.RunningAttempt wire) =>
        new(new TaskId(wire.TaskId), (int)wire.Attempt, wire.Handler, wire.Waiting);

    private static PoolSpec ToSpec(this Proto.PoolSpec wire) => new()
    {
        Name = wire.Name,
        Size = (int)wire.Size,
        Queues = [.. wire.Queues],
        Command = [.. wire.Command],
        Exec = wire.Exec,
        Environment = wire.Env.ToDictionary(),
        WorkingDirectory = wire.Cwd.Length > 0 ? wire.Cwd : null,
        Slots = (int)wire.Slots,
        BootTimeout = wire.BootTimeout.ToSpan(),
        HeartbeatTimeout = wire.HeartbeatTimeout.ToSpan(),
        TasksMax = wire.TasksMax.NullIfZero(),
        AgeMax = wire.AgeMax.ToSpan(),
        MemorySoftBytes = wire.MemorySoftBytes.NullIfZero(),
        MemoryHardBytes = wire.MemoryHardBytes.NullIfZero(),
        RecycleJitter = wire.HasRecycleJitter ? wire.RecycleJitter : null,
        StopGrace = wire.StopGrace.ToSpan(),
        TermGrace = wire.TermGrace.ToSpan(),
        RestartBackoff = wire.RestartBackoff.ToSpan(),
        RestartBackoffMax = wire.RestartBackoffMax.ToSpan(),
        BreakerFailures = wire.BreakerFailures.NullIfZero(),
    };
}
