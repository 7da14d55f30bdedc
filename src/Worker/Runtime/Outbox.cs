using Google.Protobuf.WellKnownTypes;
using Queued.Protocol.Streams;
using Queued.Protocol.V1;

namespace Queued.Worker.Runtime;

/// <summary>One message to the daemon, and those who wait for it to be sent.</summary>
internal readonly record struct OutboxMessage(WorkRequest Request, IReadOnlyList<TaskCompletionSource> Sent);

/// <summary>
/// What is to be said to the daemon. It has one reader, the stream's writer: what piled up during the last write is
/// its next message, so a lone result leaves at once and load makes the messages grow, without a timer.
/// </summary>
internal sealed class Outbox
{
    // Keeps a message well below what a daemon accepts: this much, and one result on top.
    private const int MessageBytesMax = 1024 * 1024;
    private const int LogBytesMax = 4 * 1024 * 1024;
    private const int EntryOverheadBytes = 32;

    // A plain object, because log lines wait on it.
    private readonly object _gate = new();
    private readonly WakeSignal _wake = new();
    private readonly Queue<OutboxMessage> _full = new();
    private readonly Dictionary<AttemptId, Progress> _progress = [];
    private List<TaskCompletionSource> _sent = [];
    private IReadOnlyList<TaskCompletionSource> _sending = [];
    private WorkRequest _next = new();
    private long _nextBytes;
    private bool _hasNext;
    private long _logBytes;
    private bool _hasSpoken;
    private bool _isCompleted;
    private bool _isAborted;

    /// <summary>Of the stream's writer.</summary>
    internal WriterThread Thread { get; } = new();

    /// <summary>Whoever calls this wakes the writer when he has let go of his locks.</summary>
    internal void AddEnd(AttemptId id, AttemptEnd end, int credits)
    {
        if (end.Settlement is { } settlement)
        {
            AddSettlement(settlement, credits);
            return;
        }

        lock (_gate)
        {
            MakeRoom(end.Result.Data.Length);
            var last = _next.Successes.Count == 0 ? null : _next.Successes[^1];
            if (last is null || last.Results.ContentType != end.Result.ContentType)
            {
                last = new SettlementBatch { Results = new PayloadBatch { ContentType = end.Result.ContentType } };
                _next.Successes.Add(last);
            }

            last.TaskIds.Add(id.Task);
            last.Attempts.Add(id.Attempt);
            last.Results.Append(end.Result.Data);
            _next.Credits += (uint)credits;
            _hasNext = true;
        }
    }

    /// <summary>As <see cref="AddEnd"/>.</summary>
    internal void AddSettlement(Settlement settlement, int credits)
    {
        lock (_gate)
        {
            MakeRoom(settlement.Succeeded?.Data.Length ?? 0);
            _next.Settlements.Add(settlement);
            _next.Credits += (uint)credits;
            _hasNext = true;
        }
    }

    /// <param name="inline">
    /// The writer runs on this thread, which holds no lock: a result that is alone need not wait for another thread.
    /// </param>
    internal void Wake(bool inline) => _wake.Set(inline);

    /// <summary>Payloads may come in segments.</summary>
    internal void AddMapsSegments()
    {
        lock (_gate)
        {
            _next.MapsSegments = true;
            Wake();
        }
    }

    internal void AddClosedSegment(ulong id)
    {
        lock (_gate)
        {
            _next.CloseSegmentIds.Add(id);
            Wake();
        }
    }

    internal void AddCredits(int credits)
    {
        lock (_gate)
        {
            _next.Credits += (uint)credits;
            Wake();
        }
    }

    internal void AddProgress(AttemptId id, Progress progress)
    {
        lock (_gate)
        {
            _progress[id] = progress;
            Wake();
        }
    }

    /// <summary>
    /// Blocks while the daemon is far behind in taking log lines: none is dropped, and memory stays bounded.
    /// </summary>
    internal void AddLog(AttemptId id, string line)
    {
        lock (_gate)
        {
            while (_logBytes > LogBytesMax && !_isAborted)
                Monitor.Wait(_gate);
            if (_isAborted)
                return;
            MakeRoom(line.Length);
            _logBytes += line.Length + EntryOverheadBytes;
            _next.Logs.Add(new AttemptLog { TaskId = id.Task, Attempt = id.Attempt, Line = line });
            Wake();
        }
    }

    internal Task AddExtension(AttemptId id, TimeSpan timeout)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_isAborted)
                return Task.FromException(Gone());
            _next.Extensions.Add(new AttemptExtension
            {
                TaskId = id.Task,
                Attempt = id.Attempt,
                Timeout = Duration.FromTimeSpan(timeout),
            });
            _sent.Add(sent);
            Wake();
        }

        return sent.Task;
    }

    internal void AddWait(AttemptId id, bool waiting)
    {
        lock (_gate)
        {
            _next.Waits.Add(new AttemptWait { TaskId = id.Task, Attempt = id.Attempt, Waiting = waiting });
            Wake();
        }
    }

    /// <summary>Says that the worker is alive, unless something was said since the last time.</summary>
    internal void Beat()
    {
        lock (_gate)
        {
            if (!_hasSpoken)
            {
                _next.Heartbeat = true;
                Wake();
            }

            _hasSpoken = false;
        }
    }

    /// <summary>Nothing more will come: the reader ends when it has taken what is there.</summary>
    internal void Complete()
    {
        lock (_gate)
        {
            _isCompleted = true;
            _wake.Set();
        }
    }

    /// <summary>Nobody takes messages any more. Ends every wait for one.</summary>
    internal void Abort()
    {
        lock (_gate)
        {
            (_isCompleted, _isAborted) = (true, true);
            foreach (var sent in _full.SelectMany(message => message.Sent).Concat(_sent).Concat(_sending))
                sent.TrySetException(Gone());
            _full.Clear();
            Monitor.PulseAll(_gate);
            _wake.Set();
        }
    }

    /// <summary>The next message, as soon as there is something to say. Null: completed.</summary>
    internal async ValueTask<OutboxMessage?> TakeAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (TryTake(out var message))
                    return message;
                if (_isCompleted)
                    return null;
            }

            await Thread.Waiting(_wake.WaitAsync()).ConfigureAwait(false);
        }
    }

    private bool TryTake(out OutboxMessage message)
    {
        message = default;
        if (_isAborted || (!_hasNext && _full.Count == 0))
            return false;
        if (_full.Count == 0)
            Seal();
        message = _full.Dequeue();
        _sending = message.Sent;
        _hasSpoken = true;
        foreach (var log in message.Request.Logs)
            _logBytes -= log.Line.Length + EntryOverheadBytes;
        if (message.Request.Logs.Count > 0)
            Monitor.PulseAll(_gate);
        return true;
    }

    private void MakeRoom(int bytes)
    {
        if (_nextBytes > 0 && _nextBytes + bytes > MessageBytesMax)
            Seal();
        _nextBytes += bytes + EntryOverheadBytes;
    }

    private void Seal()
    {
        foreach (var (id, progress) in _progress)
            _next.Progress.Add(new AttemptProgress { TaskId = id.Task, Attempt = id.Attempt, Progress = progress });
        _progress.Clear();
        foreach (var batch in _next.Successes)
            batch.Results.Seal();
        _full.Enqueue(new OutboxMessage(_next, _sent));
        (_next, _sent, _nextBytes, _hasNext) = (new WorkRequest(), [], 0, false);
    }

    private void Wake()
    {
        _hasNext = true;
        _wake.Set();
    }

    private static InvalidOperationException Gone() =>
        new("The connection has ended; the attempt is no longer this worker's.");
}
