using Grpc.Core;
using Microsoft.Extensions.Logging;
using Queued.Protocol.V1;
using Queued.Worker.Connection;
using Queued.Worker.Memory;

namespace Queued.Worker.Runtime;

/// <summary>
/// What a worker holds and does between a welcome and the end of that connection. The connection calls it for every
/// message; handlers call it from the thread pool. One lock guards the attempts, and nothing that could block runs
/// under it.
/// </summary>
internal sealed partial class WorkerSession : IDisposable
{
    private static readonly TimeSpan StallAfter = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly AttemptRunner _runner;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SlotBoard _board;
    private readonly CreditWindow _window;
    private readonly ulong _payloadBytesMax;
    private readonly PayloadSegments? _segments;
    private readonly ITimer _heartbeat;
    private readonly ITimer _stall;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastBegin;
    private bool _isStallTimerSet;
    private bool _isDraining;
    private bool _isDaemonStopping;
    private bool _isLost;

    internal WorkerSession(
        AttemptRunner runner,
        Welcome welcome,
        ChannelBase channel,
        Companion companion,
        TimeProvider clock,
        ILogger logger)
    {
        Companion = companion;
        (_runner, _clock, _logger) = (runner, clock, logger);
        var slots = Math.Clamp((int)welcome.Slots, 1, QueuedWorkerOptions.SlotsMax);
        _board = new SlotBoard(slots);
        _window = new CreditWindow(slots, (int)Math.Min(welcome.CreditsMax, int.MaxValue));
        _payloadBytesMax = welcome.PayloadBytesMax == 0 ? ulong.MaxValue : welcome.PayloadBytesMax;
        _segments = PayloadSegments.Find(
            welcome.SegmentDirectory, welcome.SessionId, channel, Outbox.AddClosedSegment);
        if (_segments is not null)
            Outbox.AddMapsSegments();
        LetHandlersBlock(slots);
        Outbox.AddCredits(_window.Grant());
        var beat = (welcome.HeartbeatInterval?.ToTimeSpan() ?? TimeSpan.FromSeconds(2)) / 2;
        _heartbeat = clock.CreateTimer(_ => Outbox.Beat(), null, beat, beat);
        _stall = clock.CreateTimer(_ => CheckStall(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal Outbox Outbox { get; } = new();

    internal Companion Companion { get; }

    internal DateTimeOffset UtcNow => _clock.GetUtcNow();

    /// <summary>Completes when it drains, or is lost, and holds no attempt any more.</summary>
    internal Task Idle => _idle.Task;

    internal bool IsDraining => Volatile.Read(ref _isDraining);

    /// <summary>The daemon let the worker go because it stops itself.</summary>
    internal bool IsDaemonStopping => Volatile.Read(ref _isDaemonStopping);

    internal int Running
    {
        get
        {
            lock (_gate)
                return _board.Running;
        }
    }

    /// <param name="message">From the daemon.</param>
    /// <param name="wakes">Has the attempts that begin with it.</param>
    internal void Receive(WorkResponse message, ReaderWakes wakes)
    {
        foreach (var cancel in message.Cancels)
            Cancel(cancel);
        foreach (var error in message.Errors)
            Drop(error);
        foreach (var segment in message.FreeSegmentIds)
            _segments?.Writer.Free(segment);
        if (message.Assignments.Count > 0)
            Assign(message.Assignments, wakes);
        if (message.Drain == DrainReason.Unspecified)
            return;
        if (message.Drain == DrainReason.DaemonStopping)
            Volatile.Write(ref _isDaemonStopping, true);
        Drain();
    }

    /// <summary>Begins nothing more: what has not begun is given back, what runs may end.</summary>
    internal void Drain()
    {
        lock (_gate)
        {
            if (_isDraining)
                return;
            _isDraining = true;
            ReleasePending();
            CompleteIfIdle();
        }

        LogDraining();
    }

    internal void CancelAll(CancelReason reason)
    {
        lock (_gate)
        {
            foreach (var attempt in _board.All)
                attempt.Cancel(reason);
        }
    }

    /// <summary>The connection is gone: what is held counts for nothing any more.</summary>
    internal void Lose()
    {
        lock (_gate)
        {
            (_isDraining, _isLost) = (true, true);
            _board.WithdrawPending();
            CompleteIfIdle();
        }

        Stop();
        CancelAll(CancelReason.Lost);
    }

    /// <summary>Ends the timers and whoever waits for something to be sent.</summary>
    internal void Stop()
    {
        _heartbeat.Dispose();
        _stall.Dispose();
        Outbox.Abort();
    }

    /// <summary>After its end. What a handler still reads stays mapped until it returns.</summary>
    public void Dispose() => _segments?.Dispose();

    internal void BeginWait(Attempt attempt) => SetWaiting(attempt, true);

    internal void EndWait(Attempt attempt) => SetWaiting(attempt, false);

    private void SetWaiting(Attempt attempt, bool waiting)
    {
        Attempt? next;
        lock (_gate)
        {
            // The handler may have returned with its wait still open; the daemon has ended it with the settlement.
            if (_board.Find(attempt.Id) != attempt || attempt.IsWaiting == waiting)
                return;
            _board.SetWaiting(attempt, waiting);
            Outbox.AddWait(attempt.Id, waiting);
            next = BeginNext(_clock.GetTimestamp());
        }

        Start(next);
    }

    private void Assign(IReadOnlyList<AssignmentBatch> batches, ReaderWakes wakes)
    {
        List<Attempt> begun = [];
        lock (_gate)
        {
            if (_isLost)
                return;
            foreach (var batch in batches)
                Add(batch);
            if (_isDraining)
                ReleasePending();
            var now = _clock.GetTimestamp();
            while (BeginNext(now) is { } attempt)
                begun.Add(attempt);
            SetStallTimer();
        }

        begun.ForEach(wakes.Add);
    }

    private void Add(AssignmentBatch batch)
    {
        var target = batch.Target ??= new AssignmentTarget();
        var offset = 0;
        for (var n = 0; n < batch.TaskIds.Count; n++)
        {
            var input = batch.Payloads is { } payloads
                ? new AttemptInput(payloads.Take(n, ref offset), payloads.ContentType, null)
                : new AttemptInput(
                    batch.Payload?.Data.Memory ?? default, batch.Payload?.ContentType ?? "", batch.Payload?.Segment);
            var attempt = new Attempt(this, new AttemptId(batch.TaskIds[n], batch.Attempts[n]), target, input)
            {
                SubmittedAt = DateTimeOffset.UnixEpoch.AddTicks((long)batch.SubmittedAtUs[n] * 10),
                FailedAttempts = batch.FailedAttempts.Count == 0 ? 0 : (int)batch.FailedAttempts[n],
            };
            if (!_board.TryAdd(attempt))
                LogAssignedTwice(attempt.Id.Task, attempt.Id.Attempt);
        }
    }

    private void Cancel(CancelAttempt cancel)
    {
        var id = new AttemptId(cancel.TaskId, cancel.Attempt);
        lock (_gate)
        {
            // Settled in the meantime: the settlement is on its way.
            if (_board.Find(id) is not { } attempt)
                return;
            LogCancelled(id, cancel.Reason);
            if (attempt.HasBegun)
                attempt.Cancel((CancelReason)cancel.Reason);
            else
                GiveBack(attempt, cancel.Reason);
        }
    }

    private void GiveBack(Attempt attempt, Protocol.V1.CancelReason reason)
    {
        _board.Withdraw(attempt);
        _window.Released();
        var settlement = SlotBoard.Release(attempt);
        if (reason != Protocol.V1.CancelReason.Shutdown)
        {
            settlement.Failed = new Failure
            {
                Kind = FailureKind.Cancelled,
                Message = "Cancelled before it began.",
                ErrorType = typeof(OperationCanceledException).FullName!,
            };
        }

        Outbox.AddSettlement(settlement, Grant());
        Outbox.Wake(inline: false);
        CompleteIfIdle();
    }

    private void Drop(AttemptError error)
    {
        var id = new AttemptId(error.TaskId, error.Attempt);
        LogRefused(id, error.Error?.Message ?? "");
        lock (_gate)
        {
            if (_board.Find(id) is { HasBegun: true } attempt)
                attempt.Cancel(CancelReason.Lost);
        }
    }

    private static void Start(Attempt? attempt)
    {
        // Without the caller's context: the caller may be another attempt, which begins to wait.
        if (attempt is not null)
            ThreadPool.UnsafeQueueUserWorkItem(attempt, preferLocal: false);
    }

    // One slot's work: the next attempt begins on the thread on which the last one ended, and when it did.
    internal async Task RunAsync(Attempt? attempt)
    {
        var began = _clock.GetTimestamp();
        while (attempt is not null)
        {
            if (attempt.Target.Timeout is not null)
                attempt.Begin(UtcNow);
            var end = await _runner.RunAsync(attempt, _payloadBytesMax, _segments).ConfigureAwait(false);
            var ended = _clock.GetTimestamp();
            attempt = Settle(attempt, end, _clock.GetElapsedTime(began, ended), ended);
            began = ended;
        }
    }

    private Attempt? Settle(Attempt attempt, AttemptEnd end, TimeSpan elapsed, long now)
    {
        Attempt? next;
        bool isAlone;
        lock (_gate)
        {
            _board.End(attempt);
            _window.Settled(elapsed);
            if (!_isLost)
                Outbox.AddEnd(attempt.Id, end, Grant());
            next = BeginNext(now);
            isAlone = _board.IsIdle;
            CompleteIfIdle();
        }

        Outbox.Wake(inline: isAlone);
        return next;
    }

    private int Grant() => _isDraining ? 0 : _window.Grant();

    private Attempt? BeginNext(long now)
    {
        var next = _board.BeginNext();
        if (next is not null)
            _lastBegin = now;
        return next;
    }

    private void ReleasePending()
    {
        foreach (var attempt in _board.WithdrawPending())
        {
            _window.Released();
            Outbox.AddSettlement(SlotBoard.Release(attempt), Grant());
            Outbox.Wake(inline: false);
        }
    }

    private void CompleteIfIdle()
    {
        if (_isDraining && _board.IsIdle)
            _idle.TrySetResult();
    }

    private void SetStallTimer()
    {
        if (_isStallTimerSet || !_board.HasPending)
            return;
        _isStallTimerSet = true;
        _stall.Change(StallAfter, Timeout.InfiniteTimeSpan);
    }

    // What waits here behind a long attempt could run elsewhere.
    private void CheckStall()
    {
        lock (_gate)
        {
            _isStallTimerSet = false;
            if (_board.HasPending && _clock.GetElapsedTime(_lastBegin) >= StallAfter)
            {
                _window.Shrink();
                ReleasePending();
            }

            SetStallTimer();
        }
    }

    // Handlers that block hold threads of the pool. The stream's reader and writer, the timers and cancellation need
    // some as well, and must not wait until the pool has noticed that it is short of them.
    private static void LetHandlersBlock(int slots)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        var needed = slots + Environment.ProcessorCount + 2;
        if (workers < needed)
            ThreadPool.SetMinThreads(needed, completions);
    }

    [LoggerMessage(LogLevel.Information, "Draining: no more attempts begin here")]
    private partial void LogDraining();

    [LoggerMessage(LogLevel.Debug, "Attempt {Attempt} is asked to stop: {Reason}")]
    private partial void LogCancelled(AttemptId attempt, Protocol.V1.CancelReason reason);

    [LoggerMessage(LogLevel.Debug, "The daemon refused what was said of attempt {Attempt}: {Reason}")]
    private partial void LogRefused(AttemptId attempt, string reason);

    [LoggerMessage(LogLevel.Warning, "Attempt {Attempt} of task {TaskId} was assigned twice; it runs once")]
    private partial void LogAssignedTwice(ulong taskId, uint attempt);
}
