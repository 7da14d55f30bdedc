using Queued.Broker;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>Writes changes as rows, within a transaction that somebody else begins and commits.</summary>
internal sealed class StoreChanges : IDisposable
{
    private readonly RowWriter _spec = new();
    private readonly RowWriter _standing = new();
    private readonly RowWriter _payload = new();
    private readonly int _inlineBytesMax;
    private readonly SegmentReader? _readSegment;
    private readonly SqliteStatement _writeQueue;
    private readonly SqliteStatement _removeQueue;
    private readonly SqliteStatement _writePool;
    private readonly SqliteStatement _removePool;
    private readonly SqliteStatement _writeKey;
    private readonly SqliteStatement _removeKey;
    private readonly SqliteStatement _addTask;
    private readonly SqliteStatement _moveTask;
    private readonly SqliteStatement _endTask;
    private readonly SqliteStatement _removeTask;

    public StoreChanges(SqliteDatabase database, StoreOptions options)
    {
        _inlineBytesMax = options.InlineBytesMax;
        _readSegment = options.ReadSegment;
        Payloads = new PayloadTable(database);
        _writeQueue = database.Prepare("INSERT OR REPLACE INTO queue (name, data) VALUES (?1, ?2)");
        _removeQueue = database.Prepare("DELETE FROM queue WHERE name = ?1");
        _writePool = database.Prepare("INSERT OR REPLACE INTO pool (name, data) VALUES (?1, ?2)");
        _removePool = database.Prepare("DELETE FROM pool WHERE name = ?1");
        _writeKey = database.Prepare("INSERT OR REPLACE INTO idempotency (queue, key, data) VALUES (?1, ?2, ?3)");
        _removeKey = database.Prepare("DELETE FROM idempotency WHERE queue = ?1 AND key = ?2");
        _addTask = database.Prepare(
            "INSERT OR REPLACE INTO task (id, standing, spec, payload, result) VALUES (?1, ?2, ?3, ?4, ?5)");
        _moveTask = database.Prepare("UPDATE task SET standing = ?2 WHERE id = ?1");
        _endTask = database.Prepare("UPDATE task SET standing = ?2, result = ?3 WHERE id = ?1");
        _removeTask = database.Prepare("DELETE FROM task WHERE id = ?1");
    }

    public PayloadTable Payloads { get; }

    /// <summary>The highest task number that was added.</summary>
    public ulong LastTask { get; private set; }

    /// <summary>Tasks with numbers up to this one were there, whether or not something is written of them.</summary>
    public void Note(ulong lastTask) => LastTask = Math.Max(LastTask, lastTask);

    public void Apply(Change change)
    {
        switch (change)
        {
            case Change.TaskAdded added:
                Add(added.Task);
                break;
            case Change.TaskMoved moved:
                _moveTask.Bind(1, (long)moved.Task.Value)
                    .Bind(2, TaskRows.WriteStanding(_standing, moved.Task, moved.Standing)).Run("write of a task");
                break;
            case Change.TaskEnded ended:
                End(ended.Task, ended.Standing);
                break;
            case Change.TaskRemoved removed:
                _removeTask.Bind(1, (long)removed.Task.Value).Run("removal of a task");
                // Most have none there, and to find that out takes as long as the removal of the task.
                if (removed.PayloadBytesMax > _inlineBytesMax) Payloads.Remove(removed.Task);
                break;
            case Change.KeyRemembered remembered:
                _writeKey.Bind(1, remembered.Key.Queue).Bind(2, remembered.Key.Key)
                    .Bind(3, SettingRows.Write(_spec, remembered.Key)).Run("write of a key");
                break;
            case Change.KeyForgotten forgotten:
                _removeKey.Bind(1, forgotten.Queue).Bind(2, forgotten.Key).Run("removal of a key");
                break;
            default:
                ApplySetting(change);
                break;
        }
    }

    /// <summary>About how many bytes a change takes in the log, for the bounds of a group.</summary>
    public static int SizeOf(Change change) => change switch
    {
        Change.TaskAdded added => 512 + BytesOf(added.Task.Submission.Payload),
        Change.TaskEnded ended => 256 + (ended.Standing.End?.Result is { } result ? BytesOf(result) : 0),
        _ => 256,
    };

    private static int BytesOf(TaskPayload payload) => payload.IsStored ? 0 : payload.Length;

    public void Dispose()
    {
        Payloads.Dispose();
        foreach (var statement in (SqliteStatement[])
            [_writeQueue, _removeQueue, _writePool, _removePool, _writeKey, _removeKey,
             _addTask, _moveTask, _endTask, _removeTask])
        {
            statement.Dispose();
        }
    }

    private void ApplySetting(Change change)
    {
        switch (change)
        {
            case Change.QueueDeclared declared:
                _writeQueue.Bind(1, declared.Queue.Name).Bind(2, SettingRows.Write(_spec, declared.Queue))
                    .Run("write of a queue");
                break;
            case Change.QueueDeleted deleted:
                _removeQueue.Bind(1, deleted.Name).Run("removal of a queue");
                break;
            case Change.PoolDeclared declared:
                _writePool.Bind(1, declared.Settings.Name).Bind(2, SettingRows.Write(_spec, declared.Settings))
                    .Run("write of a pool");
                break;
            case Change.PoolDeleted deleted:
                _removePool.Bind(1, deleted.Name).Run("removal of a pool");
                break;
            default:
                throw new NotSupportedException(change.GetType().Name);
        }
    }

    private void Add(StoredTask task)
    {
        LastTask = Math.Max(LastTask, task.Id.Value);
        var payload = task.Submission.Payload;
        if (payload.IsStored && task.RetryOf is { } original) payload = PayloadOf(original) ?? payload;
        var spec = TaskRows.WriteSpec(_spec, task);
        var standing = TaskRows.WriteStanding(_standing, task.Id, task.Standing);
        _addTask.Bind(1, (long)task.Id.Value).Bind(2, standing).Bind(3, spec);
        BindPayload(_addTask, 4, task.Id, PayloadKind.Input, payload);
        // It may have ended in the group that it came with.
        BindPayload(_addTask, 5, task.Id, PayloadKind.Result, task.Standing.End?.Result ?? TaskPayload.Empty);
        _addTask.Run("write of a task");
    }

    /// <summary>A retry of a stored task brings the number of the task whose payload it shares.</summary>
    private TaskPayload? PayloadOf(TaskId original)
    {
        try
        {
            return Payloads.Read(original, PayloadKind.Input);
        }
        catch (DamagedRowException)
        {
            // Then the copy has none either, and says so to whoever wants to run it.
            return null;
        }
    }

    private void End(TaskId task, TaskStanding standing)
    {
        _endTask.Bind(1, (long)task.Value).Bind(2, TaskRows.WriteStanding(_standing, task, standing));
        BindPayload(_endTask, 3, task, PayloadKind.Result, standing.End?.Result ?? TaskPayload.Empty);
        _endTask.Run("write of a task");
    }

    private void BindPayload(SqliteStatement row, int parameter, TaskId task, PayloadKind kind, TaskPayload payload)
    {
        if (payload.Data.IsEmpty && payload.Range is null)
        {
            row.BindNull(parameter);
            return;
        }

        if (!TryWrite(task, kind, payload, out var bytes))
        {
            row.BindNull(parameter);
            return;
        }

        if (payload.Length <= _inlineBytesMax)
        {
            row.Bind(parameter, bytes);
            return;
        }

        row.BindNull(parameter);
        Payloads.Write(task, kind, bytes);
    }

    /// <summary>
    /// A payload whose segment was cut short or removed under its task is not there. The task says so when it is to
    /// run, as with one that is damaged.
    /// </summary>
    private bool TryWrite(TaskId task, PayloadKind kind, TaskPayload payload, out ReadOnlySpan<byte> bytes)
    {
        try
        {
            bytes = TaskRows.WritePayload(_payload, task, kind, payload, _readSegment);
            return true;
        }
        catch (IOException) when (payload.Range is not null)
        {
            bytes = default;
            return false;
        }
    }
}
