namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private static readonly Durability[] Stored = [Durability.Async, Durability.Fsync];

    private BrokerLimits DrawLimits()
    {
        var limits = new BrokerLimits { PayloadBytesMax = 1000 };
        if (_random.Chance(0.5)) limits = limits with { PayloadWindowBytes = _random.Between(0, 500) };
        if (!_swarm.Has(Trait.TightLimits)) return limits;
        return limits with
        {
            TasksMax = _random.Between(5, 60),
            PayloadBytesTotalMax = _random.Between(500, 5000),
            FinishedTasksMax = _random.Between(2, 40),
            FinishedBytesMax = _random.Chance(0.5) ? 1 << 20 : _random.Between(50, 8000),
            WatchersPerTaskMax = _random.Between(1, 3),
            WatchesPerSessionMax = _random.Between(2, 30),
            IdempotencyKeysMax = _random.Between(1, 6),
            AttemptRecordsMax = _random.Between(1, 16),
            WorkersMax = _random.Between(8, 20),
            RetentionStepMax = _random.Between(1, 5),
            PageScanMax = _random.Between(5, 50),
        };
    }

    private TaskSubmission DrawTask()
    {
        var isExec = _swarm.Strikes(Trait.Exec);
        var task = new TaskSubmission
        {
            Tag = (ulong)_random.Below(1000),
            WantsOutcome = _random.Chance(0.7),
            Handler = isExec ? "exec" : _swarm.Strikes(Trait.Handlers) ? "rare" : "square",
            Queue = isExec ? "" : _random.Chance(0.4) ? "" : _random.Pick(QueueNames),
            Payload = PayloadOf(_random.Below(60)),
            Priority = _swarm.Strikes(Trait.Priorities) ? _random.Between(-2, 2) : 0,
            Retry = DrawRetry(),
        };
        if (_swarm.Strikes(Trait.Delays)) task = task with { Delay = _random.Milliseconds(1, 20_000) };
        else if (_swarm.Strikes(Trait.RunAt))
            task = task with { RunAt = Now.Wall + _random.Milliseconds(1, 60_000) - TimeSpan.FromSeconds(5) };
        if (_swarm.Strikes(Trait.Timeouts)) task = task with { Timeout = _random.Milliseconds(5, 5000) };
        if (_swarm.Strikes(Trait.SoftTimeouts)) task = task with { SoftTimeout = _random.Milliseconds(5, 3000) };
        if (_random.Chance(0.5)) task = task with { Grace = _random.Milliseconds(1, 2000) };
        if (_swarm.Strikes(Trait.QueueTimeouts)) task = task with { QueueTimeout = _random.Milliseconds(5, 5000) };
        if (_swarm.Strikes(Trait.ShortTtl))
            task = task with { ResultTtl = _random.Chance(0.3) ? TimeSpan.Zero : _random.Milliseconds(1, 10_000) };
        if (_swarm.Strikes(Trait.Together))
            task = task with { ConcurrencyKey = _random.Pick(Keys), ConcurrencyLimit = _random.Below(3) };
        if (_swarm.Strikes(Trait.Dedupe))
        {
            task = task with
            {
                IdempotencyKey = _random.Pick(Keys),
                IdempotencyTtl = _random.Milliseconds(1000, 20_000),
                Payload = PayloadOf(_random.Chance(0.8) ? 7 : 8),
            };
        }

        return task;
    }

    private RetrySettings? DrawRetry()
    {
        if (!_swarm.Has(Trait.Retries) || _random.Chance(0.3)) return null;
        return new RetrySettings
        {
            MaxAttempts = _random.Between(1, 4),
            MaxDeliveries = _random.Between(1, 4),
            InitialBackoff = _random.Milliseconds(1, 1000),
            Multiplier = _random.Below(4),
            MaxBackoff = _random.Milliseconds(500, 5000),
            Jitter = _random.Chance(0.5) ? 0 : _random.Unit(),
            NonRetryableErrorTypes = _swarm.Has(Trait.NonRetryable) ? ["Fatal"] : [],
        };
    }

    private QueueSettings DrawQueue() => new()
    {
        Durability = _swarm.Has(Trait.Durable) && _random.Chance(0.5) ? _random.Pick(Stored) : Durability.Memory,
        TasksMax = _swarm.Has(Trait.QueueLimits) ? Math.Min(_random.Between(3, 40), (int)_limits.TasksMax) : 0,
        BytesMax = _swarm.Has(Trait.QueueLimits)
            ? Math.Min(_random.Between(200, 4000), _limits.PayloadBytesTotalMax)
            : 0,
        RunningMax = _swarm.Has(Trait.RunningMax) ? _random.Between(1, 3) : 0,
        DeadMax = _random.Chance(0.5) ? _random.Between(1, 5) : 0,
        Timeout = _swarm.Strikes(Trait.Timeouts) ? _random.Milliseconds(100, 10_000) : null,
        ResultTtl = _swarm.Strikes(Trait.ShortTtl) ? _random.Milliseconds(100, 10_000) : null,
        Retry = DrawRetry(),
    };

    private PoolSettings DrawPool(string name, bool exec) => new()
    {
        Name = name,
        Size = _random.Between(1, 4),
        Queues = exec ? ["exec"] : name == PoolNames[0] ? QueueNames : PickQueues(),
        Command = exec ? [] : ["worker"],
        Exec = exec,
        Slots = _swarm.Has(Trait.Slots) && !exec ? _random.Between(1, 4) : 0,
        BootTimeout = _random.Milliseconds(400, 5000),
        HeartbeatTimeout = _random.Milliseconds(3000, 30_000),
        TasksMax = _swarm.Has(Trait.Recycling) ? _random.Between(1, 12) : 0,
        AgeMax = _swarm.Has(Trait.Recycling) && _random.Chance(0.5) ? _random.Milliseconds(500, 30_000) : null,
        MemorySoftBytes = _swarm.Has(Trait.MemoryLimits) ? 4_000_000 : 0,
        MemoryHardBytes = _swarm.Has(Trait.MemoryLimits) ? 12_000_000 : 0,
        RecycleJitter = _random.Unit(),
        StopGrace = _random.Milliseconds(10, 3000),
        TermGrace = _random.Milliseconds(10, 3000),
        RestartBackoff = _random.Milliseconds(10, 1000),
        RestartBackoffMax = _random.Milliseconds(1000, 10_000),
        BreakerFailures = _random.Between(1, 5),
    };
}
