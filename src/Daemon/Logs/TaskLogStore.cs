using System.Runtime.CompilerServices;
using System.Text;
using Queued.Broker;

namespace Queued.Daemon.Logs;

/// <summary>
/// The output of attempts, in memory and bounded: each attempt has its quota, all of them a budget that the oldest
/// finished ones make room for. A writer waits for a reader that follows, but not for long; a reader that falls behind
/// is told what it missed.
/// </summary>
internal sealed class TaskLogStore(int bytesPerAttempt, long bytesTotal, TimeProvider time)
{
    /// <summary>Longest line of <see cref="Log"/>, in bytes.</summary>
    public const int LineBytesMax = 64 * 1024;

    /// <summary>
    /// Longest wait for a follower that leaves no room. It is less than a sensible heartbeat timeout, since a worker
    /// that waits for its pipe may be one that does nothing else meanwhile.
    /// </summary>
    public static readonly TimeSpan FollowerWait = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Who submits a task and follows it comes a little after the task has begun: at first output waits for somebody.
    /// </summary>
    public static readonly TimeSpan FirstFollowerWait = TimeSpan.FromMilliseconds(500);

    /// <summary>What comes at once from a pipe.</summary>
    private const int PipeReadBytesMax = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<TaskId, TaskLog> _tasks = [];
    private readonly Dictionary<WorkerId, WorkerOutput> _workers = [];
    private readonly LinkedList<AttemptLog> _finished = new();
    private readonly int _headMax = bytesPerAttempt / 4;
    private long _held;

    /// <summary>Memory that all output takes; never above the budget.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_gate) return _held;
        }
    }

    /// <summary>The worker was given the attempt. It runs its first <paramref name="slots"/> unsettled ones.</summary>
    public void Begin(WorkerId worker, AttemptId attempt, int slots)
    {
        lock (_gate)
        {
            if (!_workers.TryGetValue(worker, out var output))
            {
                output = new WorkerOutput();
                _workers.Add(worker, output);
            }

            output.Slots = slots;
            output.Begin(attempt);
        }
    }

    /// <summary>The attempt has ended; what the worker writes from here on is not its output.</summary>
    public void End(WorkerId worker, AttemptId attempt)
    {
        lock (_gate)
        {
            if (_workers.TryGetValue(worker, out var output)) output.End(attempt);
            Finish(attempt);
        }
    }

    /// <summary>The same of attempts that ended together.</summary>
    public void End(WorkerId worker, IReadOnlyList<Settlement> settlements)
    {
        lock (_gate)
        {
            _workers.TryGetValue(worker, out var output);
            for (var index = 0; index < settlements.Count; index++)
            {
                var attempt = settlements[index].Attempt;
                output?.End(attempt);
                Finish(attempt);
            }
        }
    }

    /// <summary>
    /// The attempt begins or ends a wait for another task, and so gives its slot back or takes it again.
    /// </summary>
    public void SetWaiting(WorkerId worker, AttemptId attempt, bool waiting)
    {
        lock (_gate)
        {
            if (_workers.TryGetValue(worker, out var output)) output.SetWaiting(attempt, waiting);
        }
    }

    public void EndWorker(WorkerId worker)
    {
        lock (_gate)
        {
            if (!_workers.Remove(worker, out var output)) return;
            foreach (var attempt in output.Held) Finish(attempt);
        }
    }

    /// <summary>
    /// What the worker's process wrote: the output of the one attempt that it runs. While it runs none or several it is
    /// nobody's and is dropped; the last words of a process come with its exit.
    /// </summary>
    public void Output(WorkerId worker, LogSource source, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            if (_workers.TryGetValue(worker, out var output) && output.Only is { } attempt)
            {
                Append(attempt, source, data);
            }
        }
    }

    /// <summary>
    /// Whether the worker's process is to wait, because its output would push out what a follower has not read. To be
    /// asked before its pipes are read, and again until it is false.
    /// </summary>
    public bool MustWait(WorkerId worker)
    {
        lock (_gate)
        {
            return _workers.TryGetValue(worker, out var output) && output.Only is { } attempt &&
                _tasks.TryGetValue(attempt.Task, out var task) && task.Find(attempt) is { } log && MustWait(task, log);
        }
    }

    /// <summary>
    /// A line that the attempt's handler logged. Lines of attempts that the worker does not hold are dropped.
    /// </summary>
    public void Log(WorkerId worker, AttemptId attempt, string line)
    {
        // A character has at least one byte, so this cuts nothing that would be kept.
        if (line.Length > LineBytesMax) line = line[..LineBytesMax];
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        if (bytes.Length > LineBytesMax)
        {
            Array.Resize(ref bytes, LineBytesMax);
            bytes[^1] = (byte)'\n';
        }

        lock (_gate)
        {
            if (_workers.TryGetValue(worker, out var output) && output.Holds(attempt))
            {
                Append(attempt, LogSource.Log, bytes);
            }
        }
    }

    public void Forget(TaskId task)
    {
        lock (_gate)
        {
            if (!_tasks.TryGetValue(task, out var log)) return;
            foreach (var attempt in log.Attempts)
            {
                _held -= attempt.Held;
                if (attempt.Finished is { } node) _finished.Remove(node);
            }

            log.Attempts.Clear();
            RemoveIfUnused(task, log);
        }
    }

    /// <summary>
    /// What a task's attempts wrote, oldest first. With <paramref name="ended"/> it goes on until that has completed.
    /// </summary>
    /// <param name="task">The task.</param>
    /// <param name="attempt">Only this attempt; 0: all.</param>
    /// <param name="ended">Completes when the task has ended. Null: only what is there now.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    public async IAsyncEnumerable<LogPiece> ReadAsync(
        TaskId task, uint attempt, Task? ended, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = new LogCursor(attempt, follows: ended is not null);
        var log = AddReader(task, cursor);
        try
        {
            while (true)
            {
                // Looked at before the read: what was written before the end is then read after it.
                var isLast = ended is null || ended.IsCompleted;
                Task more;
                while (Next(log, cursor, out more) is { } piece) yield return piece;
                if (isLast) yield break;
                await Task.WhenAny(more, ended!).WaitAsync(cancellationToken);
            }
        }
        finally
        {
            RemoveReader(task, log, cursor);
        }
    }

    private TaskLog AddReader(TaskId task, LogCursor cursor)
    {
        lock (_gate)
        {
            var log = FindOrAdd(task);
            log.Readers.Add(cursor);
            log.WasRead = true;
            return log;
        }
    }

    private void RemoveReader(TaskId task, TaskLog log, LogCursor cursor)
    {
        lock (_gate)
        {
            log.Readers.Remove(cursor);
            RemoveIfUnused(task, log);
        }
    }

    private LogPiece? Next(TaskLog log, LogCursor cursor, out Task more)
    {
        lock (_gate)
        {
            foreach (var attempt in log.Attempts)
            {
                if (cursor.Read(attempt) is not { } piece) continue;
                more = Task.CompletedTask;
                return piece;
            }

            log.Changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            more = log.Changed.Task;
            return null;
        }
    }

    private void Append(AttemptId id, LogSource source, ReadOnlySpan<byte> data)
    {
        var task = FindOrAdd(id.Task);
        var log = task.Find(id);
        if (log is null)
        {
            log = new AttemptLog(id, _headMax, bytesPerAttempt - _headMax) { Began = time.GetTimestamp() };
            task.Attempts.Add(log);
        }

        var now = time.GetUtcNow();
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(AttemptLog.ChunkBytesMax, data.Length)];
            data = data[piece.Length..];
            if (!MakeRoom(log))
            {
                log.Skip(piece.Length);
                continue;
            }

            var before = log.Held;
            log.Append(source, now, piece, log.IsWaitOver ? long.MaxValue : NeededOf(task, log));
            _held += log.Held - before;
        }

        task.Wake();
    }

    private bool MustWait(TaskLog task, AttemptLog log)
    {
        const int more = PipeReadBytesMax + (2 * AttemptLog.PieceHeldMax);
        var needed = NeededOf(task, log);
        var isFull = log.IsFullFor(more, needed) ||
            (needed < log.Written && _held + more > bytesTotal && _finished.Count == 0);
        if (isFull && !log.IsWaitOver)
        {
            log.WaitsSince ??= time.GetTimestamp();
            log.IsWaitOver = time.GetElapsedTime(log.WaitsSince.Value) >= FollowerWait;
            return !log.IsWaitOver;
        }

        log.WaitsSince = null;
        log.IsWaitOver &= isFull;
        return false;
    }

    /// <summary>From where on the attempt's output is needed by the last of those who follow.</summary>
    private long NeededOf(TaskLog task, AttemptLog log)
    {
        // Before anybody has read, the one who is to come needs all of it.
        if (!task.WasRead && time.GetElapsedTime(log.Began) < FirstFollowerWait) return 0;
        var needed = long.MaxValue;
        foreach (var reader in task.Readers) needed = Math.Min(needed, reader.Needs(log.Id) ?? long.MaxValue);
        return needed;
    }

    private bool MakeRoom(AttemptLog writer)
    {
        // A piece may end one chunk and begin another.
        const int needed = 2 * AttemptLog.PieceHeldMax;
        while (_held + needed > bytesTotal && _finished.First is { } oldest) Drop(oldest.Value);

        // Only running attempts are left: the writer makes room for itself, and its siblings keep what they have.
        while (_held + needed > bytesTotal)
        {
            var before = writer.Held;
            if (!writer.DropOldest()) return false;
            _held += writer.Held - before;
        }

        return true;
    }

    private void Drop(AttemptLog log)
    {
        _finished.Remove(log.Finished!);
        _held -= log.Held;
        if (!_tasks.TryGetValue(log.Id.Task, out var task)) return;
        task.Attempts.Remove(log);
        RemoveIfUnused(log.Id.Task, task);
    }

    private void Finish(AttemptId id)
    {
        if (_tasks.TryGetValue(id.Task, out var task) && task.Find(id) is { Finished: null } log)
        {
            log.Finished = _finished.AddLast(log);
        }
    }

    private TaskLog FindOrAdd(TaskId task)
    {
        if (!_tasks.TryGetValue(task, out var log))
        {
            log = new TaskLog();
            _tasks.Add(task, log);
        }

        return log;
    }

    private void RemoveIfUnused(TaskId task, TaskLog log)
    {
        if (log.Attempts.Count == 0 && log.Readers.Count == 0) _tasks.Remove(task);
    }

    private sealed class TaskLog
    {
        public List<AttemptLog> Attempts { get; } = [];

        public List<LogCursor> Readers { get; } = [];

        /// <summary>Somebody has read it, or waits for the first of it.</summary>
        public bool WasRead { get; set; }

        /// <summary>Somebody waits for more.</summary>
        public TaskCompletionSource? Changed { get; set; }

        public AttemptLog? Find(AttemptId id) => Attempts.Find(log => log.Id == id);

        public void Wake()
        {
            Changed?.TrySetResult();
            Changed = null;
        }
    }
}
