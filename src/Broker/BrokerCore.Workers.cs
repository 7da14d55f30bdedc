namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private static readonly TimeSpan ExternalHeartbeatTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DefaultStopGrace = TimeSpan.FromSeconds(10);

    private const int LastWordsMax = 1024;

    private void ConnectWorker(Command.ConnectWorker connect)
    {
        if (RefuseHello(connect, out var worker) is { } rejection)
        {
            Refuse(connect.Request, rejection);
            return;
        }

        worker ??= AddExternal(connect.Hello);
        var hello = connect.Hello;
        worker.IsConnected = true;
        MarkDoubted(worker.Group);
        worker.State = WorkerState.Ready;
        worker.BootDue = Instant.Never;
        worker.HeartbeatTimeout = worker.Pool?.Settings.HeartbeatTimeout ?? ExternalHeartbeatTimeout;
        worker.HungDue = Now.Monotonic + worker.HeartbeatTimeout;
        worker.Handlers = hello.Handlers.Count == 0
            ? null : new HashSet<string>(hello.Handlers, StringComparer.Ordinal);
        worker.Slots = hello.Slots;
        if (worker.Pool is { } pool)
        {
            worker.Slots = hello.Slots == 0 ? pool.Settings.Slots : Math.Min(hello.Slots, pool.Settings.Slots);
            worker.TasksMax = Spread(pool.Settings.TasksMax, pool.Settings.RecycleJitter!.Value);
            worker.BootErrorsBefore = pool.BootErrors;
            if (pool.Settings.AgeMax is { } age)
                worker.AgeDue = Now.Monotonic + _prng.Spread(age, pool.Settings.RecycleJitter!.Value);
        }

        if (worker.Slots == 0) worker.Slots = 1;
        if (worker.ProcessId == 0) worker.ProcessId = hello.ProcessId;
        SetWorkerTimer(worker);
        Reply(connect.Request,
            new Response.Welcomed(worker.Id, worker.Slots, Silence.Beat(worker.HeartbeatTimeout), _limits.CreditsMax));
        if (worker.Pool is not null) BootSucceeded(worker.Pool);
    }

    private Rejection? RefuseHello(Command.ConnectWorker connect, out WorkerEntry? worker)
    {
        worker = null;
        var hello = connect.Hello;
        if (hello.Slots < 0 || hello.Slots > _limits.SlotsMax)
            return Rejections.Invalid("slots", $"The slots must be between 1 and {_limits.SlotsMax}.");
        if (hello.Handlers.Count > _limits.HandlersPerWorkerMax)
            return Rejections.Invalid("handlers", $"A worker offers at most {_limits.HandlersPerWorkerMax} handlers.");
        foreach (var handler in hello.Handlers)
        {
            if (SubmissionRules.CheckName("handlers", handler, _limits) is { } mistake) return mistake;
        }

        if (connect.Worker is { } id)
        {
            if (!_workers.TryGetValue(id.Value, out worker) || worker.Kind != WorkerKind.Pooled)
                return Rejections.WorkerNotFound(id);
            if (worker.State == WorkerState.Starting && worker.Step == StopStep.None) return null;
            return worker.IsConnected
                ? new Rejection(RejectionReason.WorkerConnected, $"{id} is connected already.", "worker_id",
                    id.ToString())
                : Rejections.WorkerNotFound(id);
        }

        if (_isShuttingDown) return Rejections.DaemonDraining();
        if (hello.Queues.Count == 0 || hello.Queues.Count > _limits.QueuesPerWorkerMax)
            return Rejections.Invalid("queues", $"An external worker serves 1 to {_limits.QueuesPerWorkerMax} queues.");
        if (ReservedWorkers() >= _limits.WorkersMax)
            return Rejections.Limit(nameof(BrokerLimits.WorkersMax), _limits.WorkersMax, "workers");
        return CheckQueues(hello.Queues);
    }

    private WorkerEntry AddExternal(WorkerHello hello)
    {
        var group = new WorkerGroup(null);
        var worker = new WorkerEntry(new WorkerId(_nextWorker++), WorkerKind.External, group, 0, Now.Wall);
        group.External = worker;
        _workers.Add(worker.Id.Value, worker);
        Bind(group, MakeQueues(hello.Queues));
        return worker;
    }

    /// <summary>External workers, and those that the pools may have.</summary>
    private int ReservedWorkers() =>
        _pools.Values.Sum(pool => pool.Size) + _workers.Values.Count(worker => worker.Kind == WorkerKind.External);

    private void WorkerSpawned(Command.WorkerSpawned spawned)
    {
        if (_workers.TryGetValue(spawned.Worker.Value, out var worker)) worker.ProcessId = spawned.ProcessId;
    }

    private void WorkerSpawnFailed(Command.WorkerSpawnFailed failed)
    {
        if (!_workers.TryGetValue(failed.Worker.Value, out var worker) || worker.Kind == WorkerKind.External) return;
        var text = Cut(failed.Message, _limits.MessageLengthMax);
        if (worker is { Kind: WorkerKind.Exec, Held.First: { } lease })
            EndExec(lease, FailureOf(worker, FailureKind.Spawn, text) with { ErrorType = failed.ErrorType }, null);
        BecomeGone(worker, null, text);
    }

    private void WorkerDisconnected(WorkerId id)
    {
        if (!_workers.TryGetValue(id.Value, out var worker) || !worker.IsConnected) return;
        worker.IsConnected = false;
        if (worker.Kind == WorkerKind.External)
        {
            BecomeGone(worker, null);
            return;
        }

        UpdateState(worker);
        if (worker.Step < StopStep.Terminated)
        {
            worker.Step = StopStep.None;
            worker.StepDue = Now.Monotonic + LostStreamGrace;
        }

        SetWorkerTimer(worker);
    }

    private void WorkerExited(Command.WorkerExited exited)
    {
        if (!_workers.TryGetValue(exited.Worker.Value, out var worker) || worker.Kind == WorkerKind.External) return;
        worker.Exit = exited.Exit;
        if (worker is { Kind: WorkerKind.Exec, Held.First: { } lease })
        {
            var failure = exited.Exit.ExitCode == 0 ? null : DeathOf(worker, exited.Exit);
            EndExec(lease, failure, exited.ExecResult);
        }

        BecomeGone(worker, exited.Exit);
    }

    /// <summary>
    /// An OS command ended: by its exit code, unless it was stopped for a reason of ours. The 0 of one that was told to
    /// stop says that it stopped, not that it finished.
    /// </summary>
    private void EndExec(Lease lease, TaskFailure? failure, TaskPayload? result)
    {
        if (lease.Task.CancelRequested) FinishCancelled(lease, result);
        else if (HasTimedOut(lease)) FailTimedOut(lease, result);
        else if (lease.Worker.Cause == StopCause.Order) GoBack(lease);
        else if (failure is null) Succeed(lease, result ?? TaskPayload.Empty);
        else FailAttempt(lease, failure, isFinal: false, result);
    }

    /// <summary>Nothing more is heard of it: what it held ends or goes back, and its place is free.</summary>
    private void BecomeGone(WorkerEntry worker, ProcessExit? exit, string? spawnError = null)
    {
        worker.IsConnected = false;
        MarkDoubted(worker.Group);
        if (worker.Step < StopStep.Terminated) worker.Step = StopStep.Killed;
        worker.Ring?.Remove(worker);
        worker.Ring = null;
        var hadWorked = worker.HasWorked || worker.Held.Count > 0;
        var isOrdered = worker.State == WorkerState.Draining || worker.Cause == StopCause.Order;
        while (worker.Held.First is { } lease) EndWithWorker(lease, exit);
        SetTimer(worker, Instant.Never);
        _workers.Remove(worker.Id.Value);
        var reason = spawnError ?? (worker.StopReason.Length > 0 ? worker.StopReason : Describe(exit));
        Emit(new Effect.WorkerEnded(
            worker.Id, worker.Pool?.Name ?? "", worker.ProcessId, reason, isOrdered || worker.Kind == WorkerKind.Exec));
        worker.State = WorkerState.Exited;
        if (worker.Pool is { } pool)
            PlaceIsFree(pool, worker, isBootError: !hadWorked && !isOrdered, WithLastWords(reason, exit));
        else Unbind(worker.Group);
        CompleteShutdown();
    }

    private void EndWithWorker(Lease lease, ProcessExit? exit)
    {
        var (task, worker) = (lease.Task, lease.Worker);
        if (task.CancelRequested && Mutant != Mutant.ForgetCancelOnDeath)
        {
            FinishCancelled(lease);
        }
        else if (HasTimedOut(lease))
        {
            FailTimedOut(lease);
        }
        else if (!lease.IsBegun || worker.Cause is StopCause.Attempt or StopCause.Order)
        {
            task.CancelRequested = false;
            GoBack(lease);
        }
        else
        {
            task.CancelRequested = false;
            LoseAttempt(lease, DeathOf(worker, exit));
        }
    }

    /// <summary>Past its hard timeout, also where that was not looked at yet, or stopped after its soft one.</summary>
    private bool HasTimedOut(Lease lease)
    {
        lease.IsTimedOut |= lease.HardDue <= Now.Monotonic;
        return lease.IsTimedOut || (lease.IsSoftAsked && (lease.IsStopped || lease.StopDue <= Now.Monotonic));
    }

    private TaskFailure DeathOf(WorkerEntry worker, ProcessExit? exit)
    {
        var failure = exit is null
            ? FailureOf(worker, FailureKind.Lost, "The connection of its worker ended.")
            : FailureOf(worker, exit);
        return worker.Cause switch
        {
            StopCause.Memory => failure with
            {
                Kind = FailureKind.OutOfMemory,
                Message = $"Its worker was killed: {worker.StopReason}."
            },
            StopCause.Hung => failure with
            {
                Kind = FailureKind.Timeout,
                Message = $"Its worker was killed: {worker.StopReason}."
            },
            StopCause.Lost => failure with
            {
                Kind = FailureKind.Lost,
                Message = $"Its worker was killed: {worker.StopReason}."
            },
            _ => failure,
        };
    }

    private TaskFailure FailureOf(WorkerEntry worker, ProcessExit exit)
    {
        var kind = exit.OutOfMemory ? FailureKind.OutOfMemory
            : exit.Signal is not null ? FailureKind.Signal
            : FailureKind.ExitCode;
        return WithExit(FailureOf(worker, kind, Describe(exit)), exit);
    }

    /// <summary>However an attempt ended: where its process ended with it, the record says how.</summary>
    private TaskFailure WithExit(TaskFailure failure, ProcessExit? exit) => exit is null ? failure : failure with
    {
        ExitCode = exit.ExitCode,
        Signal = exit.Signal,
        PeakResidentBytes = exit.PeakResidentBytes > 0 ? exit.PeakResidentBytes : null,
        CpuTime = exit.CpuTime,
        OutputTail = Cut(exit.OutputTail, _limits.OutputTailLengthMax),
    };

    private static string Describe(ProcessExit? exit) =>
        exit is null ? "its connection ended"
        : exit.OutOfMemory ? "The kernel killed it for memory."
        : exit.Signal is { } signal ? $"Signal {signal} ended it."
        : $"It exited with code {exit.ExitCode}.";

    private static string WithLastWords(string reason, ProcessExit? exit)
    {
        var words = exit?.OutputTail.Trim() ?? "";
        if (words.Length == 0) return reason;
        return $"{reason} It wrote: {(words.Length > LastWordsMax ? words[^LastWordsMax..] : words)}";
    }

    private void WorkerSampled(Command.WorkerSampled sampled)
    {
        if (!_workers.TryGetValue(sampled.Worker.Value, out var worker)) return;
        worker.ResidentBytes = sampled.ResidentBytes;
        if (worker.Pool is not { Settings: var settings } || worker.Step >= StopStep.Terminated) return;
        if (settings.MemoryHardBytes > 0 && sampled.ResidentBytes > settings.MemoryHardBytes)
            Kill(worker, StopCause.Memory,
                $"{sampled.ResidentBytes} bytes are above memory_hard_bytes of {settings.MemoryHardBytes}");
        else if (settings.MemorySoftBytes > 0 && sampled.ResidentBytes > settings.MemorySoftBytes && worker.IsConnected)
            Leave(worker, "it is above memory_soft_bytes");
    }

    private void RecycleIfDue(WorkerEntry worker)
    {
        if (worker.IsConnected && worker.TasksMax > 0 && worker.AttemptsTotal >= worker.TasksMax)
            Leave(worker, "it reached its tasks_max");
        // It had no reason to leave before; from here on it has its stop_grace.
        if (worker.Step == StopStep.Asked && worker.Held.Count == 0)
            SetStep(worker, Now.Monotonic + StopGraceOf(worker));
    }

    /// <summary>READY with a free slot, BUSY without one, and in the ring that goes with it.</summary>
    private void UpdateState(WorkerEntry worker)
    {
        if (worker.State is WorkerState.Ready or WorkerState.Busy && worker.Kind != WorkerKind.Exec)
            worker.State = worker.HasFreeSlot ? WorkerState.Ready : WorkerState.Busy;
        UpdateRing(worker);
    }

    private int Spread(int count, double share) =>
        count == 0 ? 0 : Math.Max(1, (int)_prng.Spread(TimeSpan.FromTicks(count * 1000L), share).Ticks / 1000);
}
