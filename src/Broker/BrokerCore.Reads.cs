using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void GetTask(Command.GetTask get)
    {
        if (_tasks.Find(get.Task) is { } task) Reply(get.Request, new Response.OneTask(ViewOf(task, get.WithPayload)));
        else Refuse(get.Request, Rejections.TaskNotFound(get.Task));
    }

    private void ListTasks(Command.ListTasks list)
    {
        if (!TryPage(list.PageSize, out var size, out var refusal))
        {
            Refuse(list.Request, refusal);
            return;
        }

        var views = new List<TaskView>();
        var looked = 0;
        TaskId? next = null;
        TaskId? last = null;
        foreach (var task in _tasks.NewestFirst(list.Before))
        {
            if (views.Count == size || looked == _limits.PageScanMax)
            {
                next = last;
                break;
            }

            looked++;
            last = task.Id;
            if (IsMatch(task, list.Query)) views.Add(ViewOf(task, withPayload: false, withResult: false));
        }

        Reply(list.Request, new Response.TaskPage(views, next));
    }

    private static bool IsMatch(TaskEntry task, TaskQuery query) =>
        (query.Queue.Length == 0 ? !task.IsMessage : task.Queue.Name == query.Queue) &&
        (query.Handler.Length == 0 || task.Handler == query.Handler) &&
        (query.States.Count == 0 || query.States.Contains(task.State)) &&
        (query.SubmittedAfter is null || task.SubmittedAt >= query.SubmittedAfter) &&
        (query.SubmittedBefore is null || task.SubmittedAt < query.SubmittedBefore) &&
        (query.Labels is null || query.Labels.All(label =>
            task.Labels?.TryGetValue(label.Key, out var value) == true && value == label.Value));

    private void GetQueue(Command.GetQueue get)
    {
        if (TryFindQueue(get.Name, out var queue, out var missing))
            Reply(get.Request, new Response.OneQueue(ViewOf(queue)));
        else Refuse(get.Request, missing);
    }

    private void ListQueues(Command.ListQueues list) => ReplyPage(
        list.Request, list.PageSize, _queues.After(list.After), ViewOf,
        (page, last) => new Response.QueuePage(page, last?.Name ?? ""));

    private void GetPool(Command.GetPool get)
    {
        if (TryFindPool(get.Name, out var pool, out var missing))
            Reply(get.Request, new Response.OnePool(ViewOf(pool)));
        else Refuse(get.Request, missing);
    }

    private bool TryFindPool(
        string name, [NotNullWhen(true)] out PoolEntry? pool, [NotNullWhen(false)] out Rejection? missing)
    {
        missing = _pools.TryGetValue(name, out pool) ? null : Rejections.PoolNotFound(name);
        return pool is not null;
    }

    private void ListPools(Command.ListPools list) => ReplyPage(
        list.Request, list.PageSize, _pools.After(list.After), ViewOf,
        (page, last) => new Response.PoolPage(page, last?.Settings.Name ?? ""));

    private void ListWorkers(Command.ListWorkers list)
    {
        if (list.Pool.Length > 0 && !_pools.ContainsKey(list.Pool))
        {
            Refuse(list.Request, Rejections.PoolNotFound(list.Pool));
            return;
        }

        var workers = _workers.Values
            .Where(worker => (list.Pool.Length == 0 || worker.Pool?.Name == list.Pool) &&
                (list.After is null || worker.Id.Value > list.After.Value.Value))
            .OrderBy(worker => worker.Id.Value);
        ReplyPage(list.Request, list.PageSize, workers, ViewOf, (page, last) =>
            new Response.WorkerPage(page, last?.Id));
    }

    private void ReplyPage<TItem, TView>(
        RequestId request, int pageSize, IEnumerable<TItem> items, Func<TItem, TView> view,
        Func<IReadOnlyList<TView>, TView?, Response> response)
        where TView : class
    {
        if (!TryPage(pageSize, out var size, out var refusal))
        {
            Refuse(request, refusal);
            return;
        }

        var page = items.Take(size + 1).Select(view).ToList();
        var hasMore = page.Count > size;
        if (hasMore) page.RemoveAt(size);
        Reply(request, response(page, hasMore ? page[^1] : null));
    }

    private bool TryPage(int asked, out int size, [NotNullWhen(false)] out Rejection? refusal) =>
        PageRules.TryRead(asked, _limits, out size, out refusal);

    private void GetStatus(Command.GetStatus status) => Reply(status.Request, new Response.Status(new BrokerStatus
    {
        Queues = _queues.Count,
        Pools = _pools.Count,
        Workers = _workers.Values.Count(worker => !IsPlace(worker)),
        OpenTasks = _openTasks,
        FinishedTasks = _tasks.Count - _openTasks,
        RunningTasks = _queues.Values.Sum(queue => (long)queue.Count(TaskState.Running)),
        Draining = _isShuttingDown,
        Problems = _pools.Values.Where(pool => pool.State == PoolState.Broken)
            .Select(pool => $"The workers of pool '{pool.Name}' do not boot: {pool.LastBootError}").ToArray(),
        QueueViews = status.WithViews ? _queues.Values.Select(ViewOf).ToArray() : [],
        PoolViews = status.WithViews ? _pools.Values.Select(ViewOf).ToArray() : [],
    }));
}
