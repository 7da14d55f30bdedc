namespace Queued.Broker.Tests.Storage;

/// <summary>What a disk holds: the rows that the changes left. Changes that contradict each other are a bug.</summary>
internal sealed class StoreImage
{
    private readonly SortedDictionary<string, StoredQueue> _queues = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, PoolSettings> _pools = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Queue, string Key), StoredKey> _keys = [];
    private readonly SortedDictionary<ulong, StoredTask> _tasks = [];
    private readonly Dictionary<TaskId, TaskPayload> _payloads = [];
    private readonly Dictionary<TaskId, TaskPayload> _results = [];
    private TaskId? _lastTask;

    public void Apply(Change change)
    {
        switch (change)
        {
            case Change.QueueDeclared declared: _queues[declared.Queue.Name] = declared.Queue; break;
            case Change.QueueDeleted deleted: Require(_queues.Remove(deleted.Name), change); break;
            case Change.PoolDeclared declared: _pools[declared.Settings.Name] = declared.Settings; break;
            case Change.PoolDeleted deleted: Require(_pools.Remove(deleted.Name), change); break;
            case Change.KeyRemembered remembered:
                Require(_keys.TryAdd((remembered.Key.Queue, remembered.Key.Key), remembered.Key), change);
                break;
            case Change.KeyForgotten forgotten:
                Require(_keys.Remove((forgotten.Queue, forgotten.Key)), change);
                break;
            case Change.TaskAdded added: Add(added); break;
            case Change.TaskMoved moved: Move(change, moved.Task, moved.Standing); break;
            case Change.TaskEnded ended:
                if (ended.Standing.End!.Result is { } result) _results.Add(ended.Task, result);
                Move(change, ended.Task, ended.Standing);
                break;
            case Change.TaskRemoved removed:
                Require(_tasks.Remove(removed.Task.Value), change);
                Require(!_payloads.Remove(removed.Task, out var payload) || IsWithin(payload), change);
                Require(!_results.Remove(removed.Task, out var last) || IsWithin(last), change);

                bool IsWithin(TaskPayload bytes) => bytes.Length <= removed.PayloadBytesMax;
                break;
            default:
                throw new NotSupportedException(change.GetType().Name);
        }
    }

    public BrokerSnapshot Load() => new()
    {
        Queues = [.. _queues.Values],
        Pools = [.. _pools.Values],
        Keys = [.. _keys.Values],
        Tasks = [.. _tasks.Values],
        LastTask = _lastTask,
    };

    public StoreImage Copy()
    {
        var copy = new StoreImage { _lastTask = _lastTask };
        foreach (var (name, queue) in _queues) copy._queues.Add(name, queue);
        foreach (var (name, pool) in _pools) copy._pools.Add(name, pool);
        foreach (var (name, key) in _keys) copy._keys.Add(name, key);
        foreach (var (id, task) in _tasks) copy._tasks.Add(id, task);
        foreach (var (id, payload) in _payloads) copy._payloads.Add(id, payload);
        foreach (var (id, result) in _results) copy._results.Add(id, result);
        return copy;
    }

    /// <summary>The bytes that a reference stands for.</summary>
    public TaskPayload Read(TaskId task, TaskPayload payload, bool isResult)
    {
        if (!payload.IsStored) return payload;
        if ((isResult ? _results : _payloads).TryGetValue(task, out var found) && found.Length == payload.Length)
            return found;
        throw new InvalidOperationException($"The {(isResult ? "result" : "payload")} of {task} is not in the store.");
    }

    private void Add(Change.TaskAdded added)
    {
        var (id, submission) = (added.Task.Id, added.Task.Submission);
        Require(_lastTask is not { } last || id.Value > last.Value, added);
        _lastTask = id;
        _payloads.Add(id, Read(added.Task.RetryOf ?? id, submission.Payload, isResult: false));
        _tasks.Add(id.Value,
            added.Task with { Submission = submission with { Payload = submission.Payload.ToStored() } });
    }

    private void Move(Change change, TaskId id, TaskStanding standing)
    {
        Require(_tasks.TryGetValue(id.Value, out var task), change);
        Require(task!.Standing.End is null || task.Standing.State == standing.State, change);
        var end = standing.End;
        if (end?.Result is { } result) end = end with { Result = result.ToStored() };
        _tasks[id.Value] = task with { Standing = standing with { End = end } };
    }

    private static void Require(bool condition, Change change)
    {
        if (!condition) throw new InvalidOperationException($"The store cannot hold {change}.");
    }
}
