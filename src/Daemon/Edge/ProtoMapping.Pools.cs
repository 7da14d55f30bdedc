using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal static partial class ProtoMapping
{
    /// <summary>Handlers shown of one worker.</summary>
    private const int HandlersShownMax = 100;

    public static PoolSettings ToSettings(Wire.PoolSpec spec, ref FieldCheck check) => new()
    {
        Name = spec.Name,
        Size = FieldCheck.Int(spec.Size),
        Queues = [.. spec.Queues],
        Command = [.. spec.Command],
        Exec = spec.Exec,
        Environment = FromWire(spec.Env),
        WorkingDirectory = check.AbsolutePath(spec.Cwd, "cwd"),
        Slots = FieldCheck.Int(spec.Slots),
        BootTimeout = check.Duration(spec.BootTimeout, "boot_timeout"),
        HeartbeatTimeout = check.Duration(spec.HeartbeatTimeout, "heartbeat_timeout"),
        TasksMax = FieldCheck.Int(spec.TasksMax),
        AgeMax = check.Duration(spec.AgeMax, "age_max"),
        MemorySoftBytes = FieldCheck.Long(spec.MemorySoftBytes),
        MemoryHardBytes = FieldCheck.Long(spec.MemoryHardBytes),
        RecycleJitter = spec.HasRecycleJitter ? check.Number(spec.RecycleJitter, "recycle_jitter") : null,
        StopGrace = check.Duration(spec.StopGrace, "stop_grace"),
        TermGrace = check.Duration(spec.TermGrace, "term_grace"),
        RestartBackoff = check.Duration(spec.RestartBackoff, "restart_backoff"),
        RestartBackoffMax = check.Duration(spec.RestartBackoffMax, "restart_backoff_max"),
        BreakerFailures = FieldCheck.Int(spec.BreakerFailures),
    };

    public static Wire.PoolInfo ToWire(PoolView pool) => new()
    {
        Spec = ToWire(pool.Settings),
        State = ToWire(pool.State),
        ReadyCount = (uint)pool.Ready,
        BusyCount = (uint)pool.Busy,
        StartingCount = (uint)pool.Starting,
        DrainingCount = (uint)pool.Draining,
        RestartsTotal = (ulong)pool.RestartsTotal,
        AttemptsTotal = (ulong)pool.AttemptsTotal,
        LastBootError = pool.LastBootError,
        Generation = (uint)pool.Generation,
    };

    private static Wire.PoolSpec ToWire(PoolSettings settings)
    {
        var spec = new Wire.PoolSpec
        {
            Name = settings.Name,
            Size = (uint)settings.Size,
            Queues = { settings.Queues },
            Command = { settings.Command },
            Exec = settings.Exec,
            Cwd = settings.WorkingDirectory,
            Slots = (uint)settings.Slots,
            BootTimeout = ToWire(settings.BootTimeout),
            HeartbeatTimeout = ToWire(settings.HeartbeatTimeout),
            TasksMax = (uint)settings.TasksMax,
            AgeMax = ToWire(settings.AgeMax),
            MemorySoftBytes = (ulong)settings.MemorySoftBytes,
            MemoryHardBytes = (ulong)settings.MemoryHardBytes,
            StopGrace = ToWire(settings.StopGrace),
            TermGrace = ToWire(settings.TermGrace),
            RestartBackoff = ToWire(settings.RestartBackoff),
            RestartBackoffMax = ToWire(settings.RestartBackoffMax),
            BreakerFailures = (uint)settings.BreakerFailures,
        };
        if (settings.RecycleJitter is { } jitter) spec.RecycleJitter = jitter;
        Fill(spec.Env, settings.Environment);
        return spec;
    }

    public static Wire.WorkerInfo ToWire(WorkerView worker)
    {
        var info = new Wire.WorkerInfo
        {
            WorkerId = worker.Id.ToString(),
            Pool = worker.Pool,
            State = ToWire(worker.State),
            ProcessId = (uint)worker.ProcessId,
            StartedAt = ToWire(worker.StartedAt),
            AttemptsTotal = (ulong)worker.AttemptsTotal,
            ResidentBytes = (ulong)worker.ResidentBytes,
            Queues = { worker.Queues },
            Handlers = { worker.Handlers.Take(HandlersShownMax) },
            Slots = (uint)worker.Slots,
            Generation = (uint)worker.Generation,
        };
        foreach (var running in worker.Running)
        {
            info.Running.Add(new Wire.RunningAttempt
            {
                TaskId = running.Attempt.Task.Value,
                Attempt = running.Attempt.Attempt,
                Handler = running.Handler,
                Waiting = running.Waiting,
            });
        }

        return info;
    }
}
