using System.Collections.Concurrent;
using Queued.Broker;
using Queued.Daemon.Storage.Rows;

namespace Queued.Daemon.Storage;

/// <summary>The store's thread: groups, reads, checkpoints, and what happens when the disk fails.</summary>
internal sealed class StoreWriter(
    StoreOptions options, StoreFile file, HighWaterMark mark, PayloadCheck check, TimeProvider time, ILogger logger)
    : IDisposable
{
    private const int RestInterval = 250;
    private const int FullPause = 250;

    private const int ShrinkPages = 64;

    /// <summary>A disk that fails twice within this time is not to be trusted.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromMinutes(10);

    private readonly object _gate = new();
    private readonly Queue<StoreGroup> _waiting = new();
    private readonly ChangeGroup _changes = new();
    private readonly BackupQueue _backups = new(logger);
    private readonly ConcurrentDictionary<string, string> _problems = new();
    private readonly StoreRoom _room = new(options, logger);
    private readonly StoreMark _mark = new(mark, logger);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StoreFile _file = file;

    /// <summary>Of what waits the newest, which is not full yet. Null: nothing waits.</summary>
    private StoreGroup? _open;

    /// <summary>What is being written. Null: nothing is.</summary>
    private StoreGroup? _group;
    private Exception? _failure;
    private long _waitingBytes;
    private long? _failedAt;
    private long _wroteAt;
    private bool _isShrinking;
    private bool _isClosing;
    private bool _waitsForRoom = true;

    public event Action<bool>? SpaceChanged
    {
        add => _room.Changed += value;
        remove => _room.Changed -= value;
    }

    public event Action<IReadOnlyList<SegmentId>>? SegmentsRead;

    public event Action<Exception>? Failed;

    public IReadOnlyList<string> Problems =>
        [.. _problems.Values, .. _room.Problems, .. check.Problems, .. _mark.Problems];

    /// <summary>A group waits for room.</summary>
    public bool IsFull => _room.IsFull;

    public bool IsCrowded => Interlocked.Read(ref _waitingBytes) > options.WaitingBytesMax;

    public void Start() => new Thread(Run) { Name = "queued store", IsBackground = true }.Start();

    /// <param name="job">What is to be done.</param>
    /// <param name="isCrowded">So much waits already that nobody should go on before it is written.</param>
    /// <returns>Completes when it, and what is written with it, is stored.</returns>
    public Task Add(StoreJob job, out bool isCrowded)
    {
        lock (_gate)
        {
            if (_failure is null && !_isClosing)
            {
                if (_open is null || !_open.TryAdd(job, options))
                {
                    _waiting.Enqueue(_open = new StoreGroup());
                    _open.TryAdd(job, options);
                }

                _waitingBytes += job.Bytes;
                Monitor.Pulse(_gate);
                isCrowded = _waitingBytes > options.WaitingBytesMax;
                return _open.Stored;
            }
        }

        isCrowded = true;
        var failure = _failure ?? new ObjectDisposedException(nameof(SqliteStore));
        job.Fail(failure);
        return Task.FromException(failure);
    }

    /// <summary>Writes what has come, says that the end was in order, and leaves nothing in the log.</summary>
    public async Task CloseAsync()
    {
        lock (_gate)
        {
            _isClosing = true;
            Monitor.Pulse(_gate);
        }

        await _closed.Task;
        await _backups.Ended;
    }

    public void StopWaitingForRoom()
    {
        lock (_gate)
        {
            _waitsForRoom = false;
            Monitor.Pulse(_gate);
        }
    }

    public void Dispose() => _backups.Dispose();

    private void Run()
    {
        try
        {
            while (TakeGroup())
            {
                Write();
                Maintain(isIdle: _group is null);
            }

            Close();
        }
#pragma warning disable CA1031 // Whatever it is, nothing may be acknowledged any more, and everybody is told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            GiveUp(exception);
        }
        finally
        {
            _mark.Dispose();
            _closed.TrySetResult();
        }
    }

    private bool TakeGroup()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && !_isClosing) Monitor.Wait(_gate, Patience());
            if (_waiting.TryDequeue(out _group)) _waitingBytes -= _group.Bytes;
            if (_waiting.Count == 0) _open = null;
            return _group is not null || !_isClosing;
        }
    }

    private int Patience() =>
        !_backups.IsEmpty || _isShrinking ? 0
        : check.IsPending ? PayloadCheck.Pause
        : _file.HasLog || _room.IsShort || _room.IsUnmeasured(_wroteAt) || !_mark.Knows(_file)
            ? RestInterval
        : Timeout.Infinite;

    private void Write()
    {
        if (_group is not { } group) return;
        _backups.Take(group.Jobs);
        var wasMarked = _mark.Knows(_file);
        while (!TryWrite(group))
        {
        }

        _wroteAt = Environment.TickCount64;
        _mark.Note(_file, wasMarked);
        Confirm(group);
        TellRead(group);
    }

    /// <summary>
    /// One that came alone is told on this thread: whoever waits for it then waits for one thread to wake up, and not
    /// for two. Where there are many the next group need not wait for them.
    /// </summary>
    private static void Confirm(StoreGroup group)
    {
        if (group.IsAlone) group.Complete();
        else if (group.HasAppends)
            ThreadPool.UnsafeQueueUserWorkItem(static stored => stored.Complete(), group, preferLocal: false);
    }

    /// <summary>Also of changes that a later one has made pointless: they need no payload any more.</summary>
    private void TellRead(StoreGroup group)
    {
        List<SegmentId>? read = null;
        foreach (var job in group.Jobs)
        {
            if (job is not AppendJob { Changes: var changes }) continue;
            for (var at = 0; at < changes.Count; at++)
            {
                foreach (var id in SegmentReads.Of(changes[at])) (read ??= []).Add(id);
            }
        }

        if (read is not null) SegmentsRead?.Invoke(read);
    }

    private bool TryWrite(StoreGroup group)
    {
        // Of this try alone: a store that was reopened has commits of its own.
        var number = _file.Record.Number + 1;
        try
        {
            WriteOnce(group);
            _room.Release();
            return true;
        }
        catch (StoreFailedException e) when (e.IsFull)
        {
            _file.Rollback();
            WaitForRoom(e);
            return false;
        }
        catch (StoreFailedException e) when (CanReopen(e))
        {
            // The flush failed, yet what it should have flushed may be found in the log, and then is in the database.
            return Reopen(e) >= number;
        }
    }

    private void WriteOnce(StoreGroup group)
    {
        _changes.Collect(group.Jobs);
        _file.Changes.Note(_changes.LastTask);
        var writes = _changes.HasChanges;
        if (writes)
        {
            _file.Begin();
            for (var at = 0; at < _changes.Remaining.Count; at++) _file.Changes.Apply(_changes.Remaining[at]);
        }

        // Before the commit: what is read is handed to workers, who need not wait for the flush.
        foreach (var job in group.Jobs)
        {
            if (job is ReadJob { Read.IsCompleted: false } read) Read(read);
        }

        if (writes) _file.Commit();
    }

    private void Read(ReadJob job)
    {
        var what = $"the {(job.Kind == PayloadKind.Input ? "payload" : "result")} of task {job.Task}";
        try
        {
            // A task that was removed since is not wanted any more, whoever asked for it: nothing is lost.
            if (_file.Payloads.Read(job.Task, job.Kind) is { } payload) job.Complete(payload);
            else job.Fail(new PayloadLostException($"{what} was removed with the task"));
        }
        catch (Exception e) when (e is DamagedRowException or StoreFailedException { IsDamage: true })
        {
            StoreLog.PayloadLost(logger, job.Kind, job.Task, options.DatabasePath, e.Message);
            _problems.TryAdd("payload", $"{what} and perhaps others in {options.DatabasePath} cannot be read");
            job.Fail(new PayloadLostException($"{what} cannot be read from {options.DatabasePath}: {e.Message}", e));
        }
    }

    private bool IsWorthWaiting => _waitsForRoom && !_isClosing;

    private void WaitForRoom(StoreFailedException failure)
    {
        _room.Hold(failure);
        var until = Environment.TickCount64 + FullPause;
        lock (_gate)
        {
            // Only now: there may be room since, so it is tried once more.
            if (!IsWorthWaiting) throw failure;
            // What is added meanwhile makes no room.
            while (IsWorthWaiting && Environment.TickCount64 is var now && now < until)
                Monitor.Wait(_gate, (int)(until - now));
        }
    }

    private bool CanReopen(StoreFailedException failure) =>
        !failure.IsDamage && (_failedAt is not { } before || time.GetElapsedTime(before) > FailureMemory);

    /// <summary>
    /// After a failed flush the kernel may call pages clean that are not on the disk, so nothing in memory counts: the
    /// log is written again, for on the disk there may be a part of it, which would be taken for later than the
    /// database. Then it is read and copied into the database, with a flush that must succeed, and begins anew. If a
    /// checkpoint failed, the mark says that the database needs its log until a later commit is in it, so it gets one
    /// before the log is cut.
    /// </summary>
    /// <returns>The last commit that was found.</returns>
    private ulong Reopen(StoreFailedException failure)
    {
        _failedAt = time.GetTimestamp();
        StoreLog.Reopens(logger, failure);
        var durable = _file.Record;
        _backups.Fail(failure);
        _file.Dispose();
        DoWhenThereIsRoom(() => (options.WriteAgain ?? DiskFile.WriteAgain)(options.LogPath));
        _file = StoreFile.Open(options, (_, _) => { }, _ => { });
        var found = _file.Record;
        if (found.Database != durable.Database || found.Number < durable.Number)
        {
            throw new StoreFailedException(
                options.DatabasePath, "reopening", 0, 0,
                $"commit {durable.Number} was acknowledged and is gone; the last one there is {found.Number}",
                failure);
        }

        DoWhenThereIsRoom(_file.CommitNothing);
        DoWhenThereIsRoom(_file.Truncate);
        DoWhenThereIsRoom(_file.BeginLog);
        _room.Release();
        _mark.Write(_file);
        StoreLog.Reopened(logger, options.DatabasePath);
        return found.Number;
    }

    private void DoWhenThereIsRoom(Action step)
    {
        while (true)
        {
            try
            {
                step();
                return;
            }
            catch (StoreFailedException e) when (e.IsFull)
            {
                WaitForRoom(e);
            }
        }
    }

    private void Maintain(bool isIdle)
    {
        try
        {
            var isResting = isIdle && Environment.TickCount64 - _wroteAt >= RestInterval;
            if (_file.NeedsCheckpoint || (isResting && _file.HasLog))
            {
                _mark.Checkpoint(_file);
                _isShrinking = true;
            }
            else if (_isShrinking)
            {
                _isShrinking = _file.Shrink(ShrinkPages);
            }

            _mark.WriteWhenDue(_file);
            _backups.Step(_file.Database);
            if (isIdle) check.Step(_file);
        }
        catch (StoreFailedException e) when (e.IsFull)
        {
            // The log grows on; the next group finds out whether there is room for that.
            _file.Rollback();
            _room.NoteFull(e);
        }
        catch (StoreFailedException e) when (CanReopen(e))
        {
            Reopen(e);
        }

        _room.Look();
    }

    private void Close()
    {
        _backups.Fail(new BackupFailedException("the daemon stops"));
        _file.Begin();
        _file.Commit(isClosed: true);
        _file.Truncate();
        _mark.Write(_file);
        _file.Database.AllowCheckpointOnClose();
        _file.Dispose();
    }

    private void GiveUp(Exception exception)
    {
        StoreLog.GivesUp(logger, exception);
        lock (_gate)
        {
            _failure = exception;
            _open = null;
        }

        _group?.Fail(exception);
        foreach (var group in _waiting) group.Fail(exception);
        _waiting.Clear();
        _backups.Fail(exception);
        Failed?.Invoke(exception);
        _file.Dispose();
    }
}
