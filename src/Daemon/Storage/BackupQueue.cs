using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>
/// Backups, one after the other, some pages at a time, so that no group waits for long. The flush at the end of one is
/// as long as the copy is large, so it is not the store's thread that waits for it.
/// </summary>
internal sealed class BackupQueue(ILogger logger) : IDisposable
{
    private const int StepPages = 256;

    private readonly Queue<BackupJob> _waiting = new();
    private BackupJob? _current;
    private SqliteDatabase? _target;
    private SqliteBackup? _copy;
    private Task _ended = Task.CompletedTask;

    public bool IsEmpty => _current is null && _waiting.Count == 0;

    /// <summary>Completes when all copies are in their places that were whole by now.</summary>
    public Task Ended => Volatile.Read(ref _ended);

    public void Take(IReadOnlyList<StoreJob> jobs)
    {
        foreach (var job in jobs)
        {
            if (job is BackupJob backup) _waiting.Enqueue(backup);
        }
    }

    public void Step(SqliteDatabase source)
    {
        if (_current is null && !_waiting.TryDequeue(out _current)) return;
        var job = _current;
        try
        {
            job.CancellationToken.ThrowIfCancellationRequested();
            if (_copy is null) Begin(source, job.Path);
            if (!_copy!.Copy(StepPages)) return;
            _copy.Dispose();
            var target = _target!;
            (_copy, _target, _current) = (null, null, null);
            Volatile.Write(ref _ended, Task.WhenAll(_ended, Task.Run(() => End(target, job))));
        }
        catch (Exception e) when (IsRefusal(e))
        {
            Abandon(Refused(job, e));
        }
        catch (OperationCanceledException e)
        {
            Abandon(e);
        }
    }

    public void Fail(Exception exception)
    {
        if (_current is not null) Abandon(exception);
        while (_waiting.TryDequeue(out var job)) job.Fail(exception);
    }

    public void Dispose()
    {
        _copy?.Dispose();
        _copy = null;
        _target?.Dispose();
        _target = null;
    }

    private static string PartialOf(string path) => path + ".partial";

    private void Begin(SqliteDatabase source, string path)
    {
        if (File.Exists(path)) throw new IOException("a file of this name is there already");
        File.Delete(PartialOf(path));
        DiskFile.CreatePrivate(PartialOf(path));
        _target = SqliteDatabase.Open(PartialOf(path), SqliteAccess.ReadWrite);
        // It is flushed at its end, and is nothing before.
        _target.Execute(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", "settings");
        _copy = new SqliteBackup(source, _target);
    }

    private void End(SqliteDatabase target, BackupJob job)
    {
        try
        {
            // The copy came with the mark of a database that has a log.
            using (target) target.Execute("PRAGMA journal_mode = DELETE", "end of the backup");
            DiskFile.Publish(PartialOf(job.Path), job.Path);
            StoreLog.BackedUp(logger, job.Path);
            job.Complete(new FileInfo(job.Path).Length);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            Abandon(job, Refused(job, e));
        }
    }

    private static bool IsRefusal(Exception e) =>
        e is StoreFailedException or IOException or UnauthorizedAccessException;

    private static BackupFailedException Refused(BackupJob job, Exception e) =>
        new($"the backup {job.Path} was not made: {e.Message}", e);

    private void Abandon(Exception exception)
    {
        var job = _current!;
        _current = null;
        Dispose();
        Abandon(job, exception);
    }

    private static void Abandon(BackupJob job, Exception exception)
    {
        if (Directory.Exists(Path.GetDirectoryName(job.Path))) File.Delete(PartialOf(job.Path));
        job.Fail(exception);
    }
}
