namespace Queued.Broker;

/// <summary>
/// The broker: a function with memory. It has one caller, no clock, no I/O and no randomness but its seed, so a
/// simulation is the real thing. Bad input is answered with a <see cref="Rejection"/>; a broken invariant throws.
/// </summary>
public sealed partial class BrokerCore
{
    private static readonly TimeSpan WallLook = TimeSpan.FromSeconds(1);

    private readonly BrokerLimits _limits;
    private readonly Prng _prng;
    private readonly Turn _turn = new();
    private readonly StateTable _states;
    private readonly Segments _segments;
    private readonly TaskTable _tasks = new();
    private readonly NameTable<QueueEntry> _queues = new();
    private readonly LatestTerms _latestTerms = new();
    private readonly NameTable<PoolEntry> _pools = new();
    private readonly Dictionary<ulong, WorkerEntry> _workers = [];
    private readonly IndexedHeap<TaskEntry, TaskEntry.ByWall> _wallTimers = new();
    private ulong _nextTask;
    private ulong _nextWorker = 1;
    private ulong _orders;
    private ulong _ends;
    private long _openTasks;
    private long _openBytes;
    private bool _isStoreFull;
    private bool _isShuttingDown;
    private bool _isShutDown;
    private Instant _drainBy = Instant.Never;

    public BrokerCore(BrokerLimits limits, ulong seed, TaskId firstTask)
    {
        _limits = limits;
        _prng = new Prng(seed);
        _nextTask = firstTask.Value;
        _waits = new Waits(_turn, limits);
        _readiness = new Readiness(_turn, _waits, limits);
        _states = new StateTable(_turn, _waits, _readiness, limits, firstTask.Value);
        _segments = new Segments(_turn, _waits, limits, _sessions, firstTask.Value);
        _pipes = new Pipes(_turn, _waits, _readiness, _sessions, limits, firstTask.Value);
    }

    private Now Now => _turn.Now;

    /// <summary>
    /// When <see cref="Advance"/> has something to do next. <see cref="Instant.Never"/>: nothing is due.
    /// </summary>
    public Instant NextDeadline(Now now)
    {
        if (IsRetentionBehind) return now.Monotonic;
        var due = _turn.Next?.Due ?? Instant.Never;
        if (!_isStoreAwaited && _shelf.Count > 0 && _shelf.First.Due < due) due = _shelf.First.Due;
        if (_wallTimers.First is { DueAt: { } runAt })
        {
            // Never far off: the wall clock may jump, and only a look finds out.
            var onWall = runAt - now.Wall < WallLook ? runAt - now.Wall : WallLook;
            if (now.Monotonic + onWall < due) due = now.Monotonic + (onWall > TimeSpan.Zero ? onWall : TimeSpan.Zero);
        }

        return due;
    }

    /// <summary>Whether that request has no reply yet because it waits for something.</summary>
    public bool IsWaiting(RequestId request) => _waits.IsOpen(request);

    /// <summary>The only way state changes. Appends what has to be done to <paramref name="effects"/>.</summary>
    public void Apply(Command command, Now now, List<Effect> effects)
    {
        BeginTurn(now, effects);
        if (!_isStoreStuck || !RefuseWhileStuck(command)) Carry(command);
        Dispatch();
    }

    private void Carry(Command command)
    {
        switch (command)
        {
            case Command.SubmitTasks submit: Submit(submit); break;
            case Command.WatchTasks watch: Watch(watch); break;
            case Command.UnwatchTasks unwatch: Unwatch(unwatch); break;
            case Command.OpenSession open: OpenSession(open); break;
            case Command.MessageCommand message: Apply(message); break;
            case Command.WaitAny any: WaitAny(any); break;
            case Command.PipeCommand pipe: _pipes.Apply(pipe); break;
            case Command.CancelWait cancel: _waits.Cancel(cancel.Waiting); break;
            case Command.EndSession end: EndSession(end.Session); break;
            case Command.StateCommand state: _states.Apply(state, _sessions.GetValueOrDefault(state.Session)); break;
            case Command.MemoryCommand memory: _segments.Apply(memory); break;
            case Command.MapSegments map: SessionOf(map.Session).MapsSegments = true; break;
            case Command.GetTask get: GetTask(get); break;
            case Command.ListTasks list: ListTasks(list); break;
            case Command.CancelTask cancel: CancelTask(cancel); break;
            case Command.RetryTask retry: RetryTask(retry); break;
            case Command.DeclareQueue declare: DeclareQueue(declare); break;
            case Command.GetQueue get: GetQueue(get); break;
            case Command.ListQueues list: ListQueues(list); break;
            case Command.PauseQueue pause: SteerQueue(pause.Request, pause.Name, QueueState.Paused); break;
            case Command.ResumeQueue resume: SteerQueue(resume.Request, resume.Name, QueueState.Active); break;
            case Command.DrainQueue drain: SteerQueue(drain.Request, drain.Name, QueueState.Draining); break;
            case Command.PurgeQueue purge: PurgeQueue(purge); break;
            case Command.DeleteQueue delete: DeleteQueue(delete); break;
            case Command.ListDead list: ListDead(list); break;
            case Command.RequeueDead requeue: RequeueDead(requeue); break;
            case Command.CreatePool create: CreatePool(create); break;
            case Command.GetPool get: GetPool(get); break;
            case Command.ListPools list: ListPools(list); break;
            case Command.ScalePool scale: ScalePool(scale); break;
            case Command.ReloadPool reload: ReloadPool(reload); break;
            case Command.DeletePool delete: DeletePool(delete); break;
            case Command.ListWorkers list: ListWorkers(list); break;
            case Command.StopWorker stop: StopWorker(stop); break;
            case Command.GetStatus status: GetStatus(status); break;
            case Command.ConnectWorker connect: ConnectWorker(connect); break;
            case Command.WorkerReport report: TakeReport(report); break;
            case Command.WorkerDisconnected gone: WorkerDisconnected(gone.Worker); break;
            case Command.WorkerSpawned spawned: WorkerSpawned(spawned); break;
            case Command.WorkerSpawnFailed failed: WorkerSpawnFailed(failed); break;
            case Command.WorkerExited exited: WorkerExited(exited); break;
            case Command.WorkerSampled sampled: WorkerSampled(sampled); break;
            case Command.StoreSpaceChanged space: _isStoreFull = space.IsShort; break;
            case Command.StoreStuckChanged stuck: StoreStuckChanged(stuck.IsStuck); break;
            case Command.StoreReached: _isStoreAwaited = Mutant == Mutant.StopForgetting; break;
            case Command.BeginShutdown begin: BeginShutdown(begin.DrainTime); break;
            case Command.ShutdownNow: ShutdownNow(); break;
            default: throw new NotSupportedException(command.GetType().Name);
        }
    }

    /// <summary>Does everything that is due at or before <paramref name="now"/>.</summary>
    public void Advance(Now now, List<Effect> effects)
    {
        BeginTurn(now, effects);
        BeginRetention();
        while (_turn.Next is { Timed: var timed } next && next.Due <= now.Monotonic)
        {
            SetTimer(timed, Instant.Never);
            switch (timed)
            {
                case TaskEntry task: TaskDue(task); break;
                case WorkerEntry worker: WorkerDue(worker); break;
                case IdempotencyRecord record: ForgetKey(record); break;
                case Wait wait: _waits.Due(wait); break;
                case Grant grant: _states.LeaseDue(grant); break;
                case LingeringRead read: _segments.Due(read); break;
                case PipeEntry pipe: _pipes.Due(pipe); break;
            }
        }

        while (_wallTimers.First is { } scheduled && scheduled.DueAt <= now.Wall) BecomeDue(scheduled);
        Retain();
        Dispatch();
    }

    private void BeginTurn(Now now, List<Effect> effects)
    {
        if (!_hasBegun) BeginRetention();
        _hasBegun = true;
        var pause = _turn.Begin(now, effects);
        if (pause >= Silence.ShortestStandstill) ForgiveSilence(pause);
    }

    private void SetTimer(Timed timed, Instant due) => _turn.SetTimer(timed, due);

    private void Emit(Effect effect)
    {
        if (_segments.Any && Mutant != Mutant.DropUnreadSegments) _segments.HoldFor(effect);
        _turn.Emit(effect);
    }

    private void Reply(RequestId request, Response response)
    {
        if (request.Value != 0) Emit(new Effect.Reply(request, response));
    }

    private void Refuse(RequestId request, Rejection rejection) => _turn.Refuse(request, rejection);
}
