using System.Threading.Channels;
using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>
/// The only caller of the core. One reader, one turn at a time: read what has come, let time pass, apply, carry out the
/// effects, arm one timer. Whatever the core throws ends the process: its state is not to be trusted any more.
/// </summary>
internal sealed partial class BrokerLoop : IAsyncDisposable
{
    /// <summary>sysexits.h: an internal error.</summary>
    public const int FailedExitCode = 70;

    private readonly Channel<Inbound> _inbox;
    private readonly BrokerCore _core;
    private readonly EffectRunner _effects;
    private readonly LoopClock _clock;
    private readonly ITimer _timer;
    private readonly BrokerLoopOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger<BrokerLoop> _logger;
    private readonly List<Effect> _turn = [];
    private readonly TurnWakes _wakes = new();
    private readonly Lock _startGate = new();
    private Task? _running;
    private Exception? _failure;
    private long _requests;
    private Instant _armed = Instant.Never;
    private bool _isStoreStuck;
    private volatile bool _fired;

    public BrokerLoop(
        BrokerLoopOptions options,
        EffectRunner effects,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        ILogger<BrokerLoop> logger)
    {
        _options = options;
        _effects = effects;
        _lifetime = lifetime;
        _logger = logger;
        _clock = new LoopClock(time);
        _core = new BrokerCore(options.Limits, options.Seed, _clock.FirstTask());
        _inbox = Channel.CreateBounded<Inbound>(
            new BoundedChannelOptions(options.InboxMax)
            {
                SingleReader = true,
                FullMode = BoundedChannelFullMode.Wait,
                // Whoever puts something into an empty inbox takes the turn himself: that saves a wake-up.
                AllowSynchronousContinuations = true,
            });
        _effects.StoreFailed += Stop;
        _effects.Reported += command => TellAsync(command, CancellationToken.None).AsTask();
        // A clock's own thread is not for taking turns.
        _timer = time.CreateTimer(
            _ => ThreadPool.UnsafeQueueUserWorkItem(static loop => loop.Wake(), this, preferLocal: false),
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    public DateTimeOffset StartedAt => _clock.StartedAt;

    /// <summary>Whether the core has failed; the process then ends with <see cref="FailedExitCode"/>.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>
    /// Completes when the core has said that no worker is left after a <see cref="Command.BeginShutdown"/>.
    /// </summary>
    public Task ShutdownCompleted => _effects.ShutdownCompleted;

    /// <summary>Takes up what an earlier daemon left. Before <see cref="Start"/>, once or never.</summary>
    public void Restore(BrokerSnapshot snapshot) => _core.Restore(snapshot, _clock.Read(), _turn);

    public void Start()
    {
        lock (_startGate) _running ??= Task.Run(RunAsync);
    }

    /// <summary>
    /// Asks for a client, and waits for the answer. Throws <see cref="RejectedException"/> where the core refuses,
    /// <see cref="BrokerBusyException"/> at once where the inbox is full.
    /// </summary>
    public Task<TResponse> AskAsync<TResponse>(Func<RequestId, Command> command, CancellationToken cancellationToken)
        where TResponse : Response
    {
        var ask = new AwaitedAsk<TResponse>();
        try
        {
            Put(command, ask);
        }
        catch (Exception exception) when (exception is BrokerStoppedException or BrokerBusyException)
        {
            return Task.FromException<TResponse>(exception);
        }

        return ask.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Hands over a command with its ask. Throws <see cref="BrokerBusyException"/> where the inbox is full.
    /// </summary>
    public void Put(Func<RequestId, Command> command, Ask ask)
    {
        ask.Request = NextRequest();
        if (_inbox.Writer.TryWrite(new Inbound(command(ask.Request), ask))) return;
        throw _inbox.Reader.Completion.IsCompleted || HasFailed
            ? new BrokerStoppedException(_failure)
            : new BrokerBusyException(_options.InboxMax);
    }

    /// <summary>
    /// Hands over a command with its ask, and waits for room: for streams, whose credits bound what they bring.
    /// </summary>
    public ValueTask PostAsync(Func<RequestId, Command> command, Ask ask, CancellationToken cancellationToken)
    {
        ask.Request = NextRequest();
        return WriteAsync(new Inbound(command(ask.Request), ask), cancellationToken);
    }

    /// <summary>Gives the ask its number, for a command that goes in a batch.</summary>
    public RequestId Number(Ask ask) => ask.Request = NextRequest();

    /// <summary>Hands over commands that came together; they are one turn's.</summary>
    public ValueTask PostAsync(IReadOnlyList<Inbound> batch, CancellationToken cancellationToken) => WriteAsync(
        batch.Count == 1 ? batch[0] : new Inbound(null, null, batch), cancellationToken);

    /// <summary>
    /// Tells the core what has happened, and waits for room: for workers and exits, which must not be lost.
    /// </summary>
    public ValueTask TellAsync(Command command, CancellationToken cancellationToken) =>
        WriteAsync(new Inbound(command, null), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _inbox.Writer.TryComplete();
        if (_running is { } running) await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _timer.DisposeAsync();
        await _effects.DisposeAsync();
    }

    private async ValueTask WriteAsync(Inbound inbound, CancellationToken cancellationToken)
    {
        try
        {
            await _inbox.Writer.WriteAsync(inbound, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new BrokerStoppedException(_failure);
        }
    }

    private RequestId NextRequest() => new(Interlocked.Increment(ref _requests));

    private void Wake()
    {
        _fired = true;
        // A full inbox needs no waking: every turn lets time pass.
        _inbox.Writer.TryWrite(default);
    }

    private async Task RunAsync()
    {
        try
        {
            // What a restored state has to do first, such as starting the workers of its pools.
            _effects.Run(_turn);
            _turn.Clear();
            Arm(_clock.Read());
            while (true)
            {
                var waiting = _wakes.During(_inbox.Reader.WaitToReadAsync());
                var isBorrowed = !waiting.IsCompleted;
                if (!await waiting) break;
                TakeTurn();
                // The store's thread is not for taking turns.
                if (_effects.IsBehind)
                {
                    _wakes.Run();
                    await _effects.CatchUpAsync().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                }

                // One turn is the caller's to take on his thread; what came meanwhile is not his.
                if (isBorrowed && _inbox.Reader.Count > 0)
                {
                    _wakes.Run();
                    await Task.Yield();
                }
            }

            _effects.FailPending(new BrokerStoppedException(null));
        }
#pragma warning disable CA1031 // Every exception means the same here: the state cannot be trusted, the process ends.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _wakes.Run();
            Stop(exception);
        }
    }

    private void TakeTurn()
    {
        var now = _clock.Read();
        TellStuck(now);
        _core.Advance(now, _turn);
        for (var taken = 0; taken < _options.TurnCommandsMax && _inbox.Reader.TryRead(out var inbound); taken++)
        {
            foreach (var more in inbound.Batch ?? []) Apply(more, now);
            taken += inbound.Batch?.Count ?? 0;
            Apply(inbound, now);
        }

        _wakes.Begin();
        try
        {
            _effects.Run(_turn);
        }
        finally
        {
            _turn.Clear();
            Arm(now);
            _wakes.End();
        }
    }

    private void TellStuck(Now now)
    {
        if (_effects.IsStoreStuck == _isStoreStuck) return;
        _isStoreStuck = !_isStoreStuck;
        _core.Apply(new Command.StoreStuckChanged(_isStoreStuck), now, _turn);
    }

    private void Apply(Inbound inbound, Now now)
    {
        if (inbound.Ask is { } ask) _effects.Expect(ask);
        if (inbound.Command is not { } command) return;
        _core.Apply(command, now, _turn);
        if (inbound.Ask is { } asked && _core.IsWaiting(asked.Request)) asked.Wait();
    }

    private void Arm(Now now)
    {
        var next = _core.NextDeadline(now);
        if (next == _armed && !_fired) return;

        _armed = next;
        _fired = false;
        if (next == Instant.Never)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        // Looked at again: a long turn must not make the timer late by its length.
        // Rounded up to what the timer can count, or it would come too early and be armed again for nothing.
        var delay = Math.Clamp((next - _clock.Read().Monotonic).TotalMilliseconds, 0, int.MaxValue);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(delay)), Timeout.InfiniteTimeSpan);
    }

    private void Stop(Exception exception)
    {
        if (Interlocked.CompareExchange(ref _failure, exception, null) is not null) return;

        LogFailed(exception);
        _inbox.Writer.TryComplete();
        var stopped = new BrokerStoppedException(exception);
        while (_inbox.Reader.TryRead(out var inbound))
        {
            foreach (var more in inbound.Batch ?? []) more.Ask?.Fail(stopped);
            inbound.Ask?.Fail(stopped);
        }

        _effects.FailPending(stopped);
        Environment.ExitCode = FailedExitCode;
        _lifetime.StopApplication();
    }

    [LoggerMessage(1, LogLevel.Critical, "The broker cannot go on; the daemon stops.")]
    private partial void LogFailed(Exception exception);
}
