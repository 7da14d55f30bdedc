using System.Collections.Concurrent;
using Queued.Broker;
using Queued.Daemon.Logs;
using Queued.Daemon.Memory;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Loop;

/// <summary>
/// Carries out what the core says, in its order. Replies and outcomes that follow an <see cref="Effect.Persist"/> that
/// must be flushed wait for the store; everything that only workers see goes at once, because a crash then repeats work
/// that nobody was told of.
/// </summary>
internal sealed partial class EffectRunner : IAsyncDisposable
{
    /// <summary>
    /// Turns whose changes the store has not confirmed; past it the loop waits, unless it would wait for room on the
    /// disk: what does not depend on that goes on, and the core refuses what does before memory is short.
    /// </summary>
    private const int UnconfirmedTurnsMax = 64;

    private readonly IStore _store;
    private readonly SessionRegistry _sessions;
    private readonly WorkerRegistry _workers;
    private readonly IWorkerProcesses _processes;
    private readonly TaskLogStore _logs;
    private readonly SegmentFiles _segments;
    private readonly IBrokerObserver _observer;
    private readonly StoredPayloads _payloads;
    private readonly EffectLanes _lanes;
    private readonly TurnWakes _wakes = new();
    private readonly ConcurrentDictionary<RequestId, Ask> _pending = new();
    private readonly TaskCompletionSource _shutdown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger<EffectRunner> _logger;
    private readonly UnstoredTurns _unstored = new();
    private TaskCompletionSource _spaceChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Effect> _held = [];
    private HeldTurns? _latest;
    private Task _confirmed = Task.CompletedTask;
    private int _unconfirmed;

    public EffectRunner(
        IStore store,
        SessionRegistry sessions,
        WorkerRegistry workers,
        IWorkerProcesses processes,
        TaskLogStore logs,
        SegmentFiles segments,
        BrokerLoopOptions options,
        IBrokerObserver observer,
        ILogger<EffectRunner> logger)
    {
        _store = store;
        _sessions = sessions;
        _workers = workers;
        _processes = processes;
        _logs = logs;
        _segments = segments;
        _observer = observer;
        _logger = logger;
        _payloads = new StoredPayloads(store, segments, options);
        _lanes = new EffectLanes(CarryOut, ReadAsync);
        _segments.Reported += TellAsync;
        store.SegmentsRead += ids => _ = Task.Run(() => ReleaseAsync(ids));
        store.Failed += exception => StoreFailed?.Invoke(exception);
        store.SpaceChanged += _ => Interlocked.Exchange(
            ref _spaceChanged, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Something happened while effects were carried out that the core must know.</summary>
    public event Func<Command, Task>? Reported;

    /// <summary>The store did not take a change. Nothing that depends on it was said.</summary>
    public event Action<Exception>? StoreFailed;

    public Task ShutdownCompleted => _shutdown.Task;

    public bool IsBehind =>
        !_store.IsFull && (_store.IsCrowded || Volatile.Read(ref _unconfirmed) > UnconfirmedTurnsMax);

    /// <summary>There is no room for what waits to be stored, and it is enough: nobody may wish for more.</summary>
    public bool IsStoreStuck => _store is { IsFull: true, IsCrowded: true };

    /// <summary>Completes when the oldest turn is confirmed, or has to wait for room on the disk.</summary>
    public async Task CatchUpAsync()
    {
        var spaceChanged = Volatile.Read(ref _spaceChanged).Task;
        if (_store.IsFull) return;
        if (_unstored.Oldest is { } oldest) await await Task.WhenAny(oldest, spaceChanged);
    }

    /// <summary>Called before the command is applied, so that its reply finds the ask.</summary>
    public void Expect(Ask ask) => _pending[ask.Request] = ask;

    public void FailPending(Exception exception)
    {
        foreach (var request in _pending.Keys)
        {
            if (_pending.TryRemove(request, out var ask)) ask.Fail(exception);
        }
    }

    public void Run(List<Effect> effects)
    {
        // Before all else: a payload that the turn hands out may be one that it stores, and the store reads in order.
        var append = Append(effects);
        // Only this thread adds to what is unconfirmed, so none stays none while it runs.
        var hold = Volatile.Read(ref _unconfirmed) > 0;
        foreach (var effect in effects)
        {
            if (effect is Effect.Persist persist) hold |= persist.MustFlush;
            else if (effect is Effect.AwaitStore) continue;
            else if (hold && WaitsForStore(effect)) _held.Add(effect);
            else _lanes.Run(effect);
        }

        if (append is not null || _held.Count > 0) Confirm(append ?? Task.CompletedTask);
    }

    public async ValueTask DisposeAsync()
    {
        await _confirmed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _lanes.DrainAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Null: the turn changes nothing.</summary>
    private Task? Append(List<Effect> effects)
    {
        List<Change>? changes = null;
        var (mustFlush, isAwaited) = (false, false);
        foreach (var effect in effects)
        {
            isAwaited |= effect is Effect.AwaitStore;
            if (effect is not Effect.Persist persist) continue;
            (changes ??= []).Add(persist.Change);
            mustFlush |= persist.MustFlush;
        }

        _unstored.Begin(changes ?? []);
        if (changes is null) return null;
        var append = _store.AppendAsync(changes, mustFlush || isAwaited).AsTask();
        if (!isAwaited) return append;
        _ = TellReachedAsync(append);
        return mustFlush ? append : Task.CompletedTask;
    }

    /// <summary>The core waits for it, and nobody else does.</summary>
    private async Task TellReachedAsync(Task append)
    {
        try
        {
            // The store's thread is not for taking turns.
            await append.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
#pragma warning disable CA1031 // Whatever the store throws, the daemon stops.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            StoreFailed?.Invoke(exception);
            return;
        }

        await TellAsync(new Command.StoreReached());
    }

    private void Confirm(Task append)
    {
        if (append.IsCompletedSuccessfully && Volatile.Read(ref _unconfirmed) == 0)
        {
            foreach (var effect in _held) _lanes.Run(effect);
        }
        else
        {
            if (_latest?.TryJoin(append, _held, ref _unconfirmed) != true)
            {
                _latest = new HeldTurns(append);
                _latest.TryJoin(append, _held, ref _unconfirmed);
                _confirmed = ConfirmAsync(_confirmed, _latest);
            }

            _unstored.Add(_confirmed);
        }

        _held.Clear();
    }

    private async Task ConfirmAsync(Task earlier, HeldTurns turns)
    {
        try
        {
            await turns.Append;
            await earlier;
            Say(turns.End());
        }
#pragma warning disable CA1031 // Whatever the store throws, what depends on it must not be said, and the daemon stops.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            StoreFailed?.Invoke(exception);
            throw;
        }
        finally
        {
            Interlocked.Add(ref _unconfirmed, -turns.Forget());
        }
    }

    /// <summary>One at a time: each waits for those before it.</summary>
    private void Say(IReadOnlyList<Effect> held)
    {
        _wakes.Begin();
        try
        {
            foreach (var effect in held) _lanes.Run(effect);
        }
        finally
        {
            _wakes.End();
            _wakes.Run();
        }
    }

    /// <summary>With the bytes that the store has. Null: they are lost, and the core was told.</summary>
    private async Task<Effect?> ReadAsync(Effect effect)
    {
        var held = SegmentReads.Of(effect).ToArray();
        // Never on the loop's thread: what is in a segment may be long, and is read at once.
        if (held.Length > 0) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var read = effect is Effect.Reply { Response: Response.MessagesGiven given } reply
                ? await ReadAsync(reply, given)
                : await _payloads.ReadAsync(effect);
            await ReleaseAsync(held);
            return read;
        }
        catch (PayloadLostException exception)
        {
            Command report = effect switch
            {
                Effect.Assign assign => Unreadable(assign, exception.Message),
                Effect.StartExec exec => new Command.WorkerSpawnFailed(exec.Worker, exception.Message),
                _ => throw new InvalidOperationException($"Nobody can be told of {effect.GetType().Name}.", exception),
            };
            await TellAsync(report);
            await ReleaseAsync(held);
            return null;
        }
#pragma warning disable CA1031 // Whatever the store throws, it stores and reads no more, and the daemon stops.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            StoreFailed?.Invoke(exception);
            return null;
        }
    }

    /// <summary>
    /// The core knows that they were read before anybody hears of them: the end of a call that only took them must not
    /// bring them back.
    /// </summary>
    private async Task<Effect> ReadAsync(Effect.Reply reply, Response.MessagesGiven given)
    {
        var (messages, read) = await _payloads.ReadAsync(given.Messages);
        await TellAsync(read);
        return reply with { Response = new Response.MessagesGiven(messages) };
    }

    /// <summary>The attempt fails for good, and the worker has the credit again that it was given for.</summary>
    private static Command.WorkerReport Unreadable(Effect.Assign assign, string message) => new(assign.Worker)
    {
        Credits = 1,
        Settlements =
        [
            new Settlement.Failed(
                assign.Assignment.Attempt, new TaskFailure(FailureKind.Rejected, message) { NonRetryable = true }),
        ],
    };

    private async Task ReleaseAsync(IEnumerable<SegmentId> read)
    {
        foreach (var id in read) await TellAsync(new Command.SegmentRead(id));
    }

    private async Task TellAsync(Command command)
    {
        try
        {
            if (Reported is { } reported) await reported(command);
        }
        catch (BrokerStoppedException)
        {
            // Then there is nobody left to tell.
        }
    }

    private bool WaitsForStore(Effect effect) => effect switch
    {
        Effect.Reply reply => TellsOfUnstored(reply.Response),
        Effect.TaskFinished or Effect.TaskChanged => true,
        // Nobody is left who could make room, and what waits for it must not keep the daemon.
        Effect.ShutdownComplete => !_store.IsFull,
        _ => false,
    };

    /// <summary>
    /// Until there is room on the disk is too long to wait for nothing. Nor is there an order to keep: answers on a
    /// stream name what they answer.
    /// </summary>
    private bool TellsOfUnstored(Response response) =>
        StoreWait.IsNeeded(response) && (!_store.IsFull || _unstored.AreToldBy(response));

    private void CarryOut(Effect effect)
    {
        switch (effect)
        {
            case Effect.Reply reply:
                if (_pending.TryRemove(reply.Request, out var ask)) ask.Complete(reply.Response);
                break;
            case Effect.TaskFinished finished:
                _sessions.Find(finished.Session)?.Finished(finished);
                break;
            case Effect.TaskChanged changed:
                _sessions.Find(changed.Session)?.Changed(changed.Task);
                break;
            case Effect.Assign assign:
                Assign(assign);
                break;
            case Effect.CancelAttempt cancel:
                _workers.Find(cancel.Worker)?.Cancel(cancel.Attempt, cancel.Reason, cancel.Grace);
                break;
            case Effect.RefuseAttempt refuse:
                _workers.Find(refuse.Worker)?.Refuse(refuse.Attempt, refuse.Rejection);
                break;
            case Effect.DrainWorker drain:
                _workers.Find(drain.Worker)?.Drain(drain.Reason);
                break;
            case Effect.DisconnectWorker disconnect:
                _workers.Find(disconnect.Worker)?.Disconnect(disconnect.Reason);
                break;
            case Effect.CreateSegment or Effect.ResizeSegment or Effect.RemoveSegment:
                _segments.Post(effect);
                break;
            case Effect.SegmentFree free:
                _sessions.Find(free.Session)?.SegmentFree(free.Id);
                break;
            default:
                CarryOutProcess(effect);
                break;
        }
    }

    private void CarryOutProcess(Effect effect)
    {
        switch (effect)
        {
            case Effect.StartWorker start:
                _processes.Start(start.Worker, start.Pool);
                break;
            case Effect.StartExec exec:
                _logs.Begin(exec.Worker, exec.Assignment.Attempt, slots: 1);
                _processes.StartExec(exec.Worker, exec.Pool, exec.Assignment);
                break;
            case Effect.TerminateWorker terminate:
                _processes.Terminate(terminate.Worker);
                break;
            case Effect.KillWorker kill:
                _processes.Kill(kill.Worker);
                break;
            default:
                Report(effect);
                break;
        }
    }

    private void Assign(Effect.Assign assign)
    {
        if (_workers.Find(assign.Worker) is not { } link) return;

        _logs.Begin(assign.Worker, assign.Assignment.Attempt, link.Slots);
        link.Assign(assign.Assignment);
    }
}
