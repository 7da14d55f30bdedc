using Queued.Client.Wire;

namespace Queued.Client.Streams;

/// <summary>
/// The client's one stream for submits and outcomes: opened when it is first needed, opened again when it breaks while
/// something is pending. What is pending lives here; a <see cref="StreamConnection"/> is one opening of it.
/// </summary>
internal sealed class TaskStream : IAsyncDisposable
{
    private static readonly TimeSpan BackoffFirst = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Far more than the 20 ms that such an ack may wait at the daemon.</summary>
    private static readonly TimeSpan LateAckTimeoutMin = TimeSpan.FromSeconds(1);

    private readonly DaemonCalls _daemon;
    private readonly QueuedClientOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _closing = new();

    /// <summary>One for all submits that wait for an answer, set while there are any.</summary>
    private readonly ITimer _answers;
    private bool _looksForAnswers;
    private Task _pump = Task.CompletedTask;
    private StreamConnection? _connection;
    private bool _isPumping;
    private volatile bool _isDisposed;

    public TaskStream(DaemonCalls daemon, QueuedClientOptions options, TimeProvider clock)
    {
        (_daemon, _options, _clock) = (daemon, options, clock);
        // The stream outlives whoever happened to make the client.
        using (ExecutionContext.SuppressFlow())
        {
            _answers = clock.CreateTimer(
                _ => LookForAnswers(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// Whether acks that nobody waits for may come a little later: not where the daemon's answer is expected so soon
    /// that this would count as none.
    /// </summary>
    public bool AcksMayWait => _options.DefaultTimeout >= LateAckTimeoutMin;

    /// <summary>Guards everything that is pending.</summary>
    internal Lock Gate { get; } = new();

    internal PendingQueue Pending { get; } = new();

    public void Submit(PendingTask task)
    {
        task.Bytes = task.Template!.Bytes + task.Payload.Data.Length + task.Payload.ContentType.Length;
        StreamConnection? connection;
        bool isAlone;
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(QueuedClient));
            isAlone = Pending.IsEmpty;
            Pending.AddSubmission(task);
            if (task.MustBeAnswered && !_looksForAnswers)
            {
                _looksForAnswers = true;
                _answers.Change(_options.DefaultTimeout, Timeout.InfiniteTimeSpan);
            }

            PumpLocked();
            connection = _connection;
        }

        connection?.WakeForSubmit(isAlone);
    }

    public void Watch(PendingTask task)
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(QueuedClient));
            Pending.AddWatch(task);
            WakeLocked();
        }
    }

    public void Unwatch(PendingTask task)
    {
        lock (Gate)
        {
            if (!_isDisposed && Pending.RemoveWatch(task) && _connection is not null)
                WakeLocked();
        }
    }

    /// <summary>Nobody waits for the submit any more. If it was not sent yet it will not be.</summary>
    /// <returns>Whether it was sent.</returns>
    public bool Abandon(PendingTask task)
    {
        lock (Gate)
        {
            task.IsAbandoned = true;
            return task.SentAt != 0;
        }
    }

    /// <returns>How long ago the submit was sent. Null: it was not sent yet.</returns>
    public TimeSpan? GetTimeSinceSent(PendingTask task)
    {
        lock (Gate)
            return task.SentAt == 0 ? null : _clock.GetElapsedTime(task.SentAt);
    }

    /// <summary>
    /// Cancels a task and does not wait for the answer. One that was sent is cancelled as soon as its number is known.
    /// </summary>
    public void Cancel(PendingTask task, string reason)
    {
        lock (Gate)
        {
            // A client that closes still sends it: whoever gave the task up may have disposed of the client at once.
            if (_isDisposed && _connection is null)
                return;
            if (Pending.Cancel(task, reason))
                WakeLocked();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task pump;
        StreamConnection? connection;
        lock (Gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            (pump, connection) = (_pump, _connection);
        }

        if (connection is not null)
            await connection.CloseAsync(CloseTimeout).ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        await _answers.DisposeAsync().ConfigureAwait(false);
        await pump.ConfigureAwait(false);
        FailAll(
            new ObjectDisposedException(nameof(QueuedClient), "The client was disposed while the task was pending."));
        _closing.Dispose();
    }

    private void LookForAnswers()
    {
        var overdue = new List<PendingTask>();
        lock (Gate)
        {
            var time = (long)(_options.DefaultTimeout.TotalSeconds * _clock.TimestampFrequency);
            var now = _clock.GetTimestamp();
            var first = Pending.FindUnanswered(now - time, overdue);
            foreach (var task in overdue)
                task.IsAbandoned = true;
            _looksForAnswers = !_isDisposed && !Pending.IsEmpty;
            if (_looksForAnswers)
            {
                var next = first is { } sent ? _clock.GetElapsedTime(now, sent + time) : _options.DefaultTimeout;
                // Rounded up to what the timer can count, or it would come too early.
                _answers.Change(
                    TimeSpan.FromMilliseconds(Math.Ceiling(next.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var task in overdue)
            task.OnError(Unanswered());
    }

    /// <summary>It was sent, and nothing was heard of it for the client's timeout.</summary>
    public QueuedException Unanswered() => ErrorMapping.Make(new ErrorDetails(
        ErrorMapping.DeadlineExceeded,
        $"The daemon at {_daemon.Address} did not answer the submit within {_options.DefaultTimeout}. "
        + "The task may or may not have been added."));

    private void WakeLocked()
    {
        PumpLocked();
        _connection?.Wake();
    }

    private void PumpLocked()
    {
        if (!_isPumping)
        {
            _isPumping = true;

            // A handler's trace and its TaskContext are not the stream's: it outlives them.
            using (ExecutionContext.SuppressFlow())
                _pump = Task.Run(PumpAsync);
        }
    }

    private async Task PumpAsync()
    {
        var everConnected = false;
        var brokenSince = _clock.GetTimestamp();
        var backoff = BackoffFirst;
        while (true)
        {
            var connection = new StreamConnection(this, _daemon, _options.DefaultTimeout, _clock);
            lock (Gate)
            {
                Pending.BeginConnection();
                _connection = connection;
            }

            var end = await connection.RunAsync(_closing.Token).ConfigureAwait(false);
            List<PendingTask> lost;
            lock (Gate)
            {
                _connection = null;
                lost = Pending.EndConnection();
            }

            foreach (var task in lost)
                task.OnError(ConnectionLost(end));
            if (connection.IsEstablished)
            {
                everConnected = true;
                brokenSince = _clock.GetTimestamp();
                backoff = BackoffFirst;
            }

            var giveUp = _isDisposed || !everConnected
                || _clock.GetElapsedTime(brokenSince) + backoff > _options.ReconnectTimeout;
            if (giveUp && !_isDisposed)
                FailAll(end);
            lock (Gate)
            {
                if (giveUp || Pending.IsEmpty)
                {
                    // Something may have come between the failing of all and here: it is the next pump's.
                    _isPumping = false;
                    if (!Pending.IsEmpty && !_isDisposed)
                        WakeLocked();
                    return;
                }
            }

            await DelayAsync(backoff).ConfigureAwait(false);
            backoff = backoff * 2 < BackoffMax ? backoff * 2 : BackoffMax;
        }
    }

    private async Task DelayAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _clock, _closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client is closing; the loop sees it.
        }
    }

    private void FailAll(Exception error)
    {
        List<PendingTask> all;
        lock (Gate)
            all = Pending.TakeAll();
        foreach (var task in all)
            task.OnError(error);
    }

    private DaemonUnavailableException ConnectionLost(Exception cause) => new(
        new ErrorDetails(
            ErrorMapping.ConnectionLost,
            $"The connection to the daemon at {_daemon.Address} was lost before it answered the submit: "
            + "the task may or may not have been added. "
            + "With an idempotency key the submit is repeated by itself.")
        {
            IsTransient = true,
        },
        cause);
}
