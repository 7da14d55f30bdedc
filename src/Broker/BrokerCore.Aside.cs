namespace Queued.Broker;

/// <summary>
/// Ready tasks whose handler no worker with room offers. They wait beside their queue, each kind for its workers, so
/// that they hold up nobody else.
/// </summary>
public sealed partial class BrokerCore
{
    /// <summary>Workers that have more room than at the last look: each may take what waits aside for it.</summary>
    private readonly List<WorkerEntry> _freed = [];

    /// <summary>Queues with tasks aside of which workers have come or gone: a handler may be offered no more.</summary>
    private readonly List<QueueEntry> _doubted = [];

    /// <summary>
    /// Queues with tasks aside that a task has left, and not to a worker: the room that it waited for is another's.
    /// </summary>
    private readonly List<QueueEntry> _withdrawn = [];

    private int _asideCount;

    /// <summary>Workers and queues ever looked at for what waits aside. For tests.</summary>
    internal long AsideLooks { get; private set; }

    private enum Offering : byte
    {
        Nobody,

        /// <summary>There is nobody to ask, or a pool whose newest workers have not come yet.</summary>
        Unknown,
        Somebody,
    }

    /// <summary>The worker in turn does not offer the handler: one that does gets the task, at once or later.</summary>
    private void PassOn(TaskEntry task)
    {
        var (queue, handler) = (task.Queue, task.Handler);
        if (handler == Names.Exec && queue.Bindings.Find(one => one.Group.Pool is { HasExecRoom: true }) is { } exec)
        {
            LeaveQueue(task);
            GiveExec(task, exec.Group.Pool!);
        }
        else if (FindTaker(queue, handler) is { } taker)
        {
            LeaveQueue(task);
            Give(task, taker);
        }
        else if (OfferingOf(queue, handler) == Offering.Nobody)
        {
            LeaveQueue(task);
            RejectHandler(task);
        }
        else
        {
            SetAside(task);
        }
    }

    private static WorkerEntry? FindTaker(QueueEntry queue, string handler)
    {
        WorkerEntry? ahead = null;
        foreach (var binding in queue.Bindings)
        {
            if (FindIn(binding.Group.Free, handler) is { } free) return free;
            ahead ??= FindIn(binding.Group.Prefetching, handler);
        }

        return ahead;
    }

    private static WorkerEntry? FindIn(LinkedRing<WorkerEntry, WorkerEntry.Links> ring, string handler)
    {
        var worker = ring.First;
        while (worker?.Offers(handler) == false) worker = LinkedRing<WorkerEntry, WorkerEntry.Links>.After(worker);
        return worker;
    }

    /// <summary>What the newest workers of the queue say; older ones are on their way out.</summary>
    private static Offering OfferingOf(QueueEntry queue, string handler)
    {
        var (isAsked, isUnknown) = (false, false);
        foreach (var group in queue.Bindings.Select(binding => binding.Group))
        {
            if (group.Pool is { Settings.Exec: true, Size: > 0 } && handler == Names.Exec) return Offering.Somebody;
            var asked = Askable(group).ToArray();
            if (Array.Exists(asked, worker => worker.Offers(handler))) return Offering.Somebody;
            isAsked |= asked.Length > 0 || group.Pool is { Settings.Exec: true, Size: > 0 };
            isUnknown |= asked.Length == 0 && group.Pool is { Settings.Exec: false, Size: > 0 };
        }

        return isAsked && !isUnknown ? Offering.Nobody : Offering.Unknown;
    }

    private static IEnumerable<WorkerEntry> Askable(WorkerGroup group) =>
        (group.Pool?.Workers.Values ?? (IEnumerable<WorkerEntry>)[group.External!]).Where(worker =>
            worker.IsAskable && worker.Generation == (group.Pool?.Generation ?? worker.Generation));

    private void SetAside(TaskEntry task)
    {
        var (queue, handler) = (task.Queue, task.Handler);
        queue.Ready.Remove(task);
        LeaveGate(task);
        if (!queue.Aside.TryGetValue(handler, out var aside)) queue.Aside.Add(handler, aside = new());
        aside.Add(task);
        task.IsAside = true;
        _asideCount++;
        UpdateOffers(queue);
    }

    private void LeaveAside(TaskEntry task)
    {
        var (queue, handler) = (task.Queue, task.Handler);
        queue.Aside[handler].Remove(task);
        if (queue.Aside[handler].Count == 0) queue.Aside.Remove(handler);
        task.IsAside = false;
        _asideCount--;
    }

    private void MarkFreed(WorkerEntry worker)
    {
        if (_asideCount == 0 || worker.IsFreed) return;
        worker.IsFreed = true;
        _freed.Add(worker);
    }

    /// <summary>Who offers what to the group's queues has changed.</summary>
    private void MarkDoubted(WorkerGroup group)
    {
        if (_asideCount == 0) return;
        foreach (var queue in group.Bindings.Select(binding => binding.Queue))
        {
            if (queue.Aside.Count == 0 || queue.IsDoubted) continue;
            queue.IsDoubted = true;
            _doubted.Add(queue);
        }
    }

    private void MarkWithdrawn(TaskEntry task)
    {
        var queue = task.Queue;
        if (task.IsAside || queue.IsWithdrawn || !queue.Aside.ContainsKey(task.Handler)) return;
        queue.IsWithdrawn = true;
        _withdrawn.Add(queue);
    }

    /// <summary>
    /// As many as there is room for now go back to where their numbers say. Looked at is what has changed: the workers
    /// with more room, and the queues whose workers are others or whose tasks have left. For all the rest it holds that
    /// nobody with room offers what waits aside.
    /// </summary>
    private void ReturnAside()
    {
        foreach (var queue in _doubted)
        {
            queue.IsDoubted = false;
            RejectAside(queue);
        }

        foreach (var queue in _withdrawn)
        {
            queue.IsWithdrawn = false;
            foreach (var worker in queue.Bindings.SelectMany(binding => WithRoom(binding.Group))) MarkFreed(worker);
        }

        foreach (var worker in _freed)
        {
            worker.IsFreed = false;
            AsideLooks++;
            if (worker.Ring is null) continue;
            foreach (var binding in worker.Group.Bindings) ReturnAside(binding.Queue, worker);
        }

        for (var index = 0; index < _dirty.Count && _asideCount > 0; index++)
        {
            if (_dirty[index].Pool is not { HasExecRoom: true } pool) continue;
            foreach (var binding in pool.Group.Bindings)
                ReturnAside(binding.Queue, Names.Exec, pool.Size - pool.Workers.Count);
        }

        _doubted.Clear();
        _withdrawn.Clear();
        _freed.Clear();
    }

    private void ReturnAside(QueueEntry queue, WorkerEntry worker)
    {
        if (queue.Aside.Count == 0) return;
        // Whichever are fewer: what waits, or what the worker offers.
        var handlers = worker.Handlers is { } offered && offered.Count < queue.Aside.Count
            ? offered.Where(queue.Aside.ContainsKey).ToArray()
            : queue.Aside.Keys.Where(worker.Offers).ToArray();
        foreach (var handler in handlers) ReturnAside(queue, handler, worker.Credits);
    }

    private void ReturnAside(QueueEntry queue, string handler, int room)
    {
        while (room > 0 && queue.Aside.TryGetValue(handler, out var aside))
        {
            var task = aside.First!;
            LeaveAside(task);
            BecomeReady(task, atOldPlace: true);
            if (task.Gate is null || task.IsAdmitted) room--;
        }
    }

    private static IEnumerable<WorkerEntry> WithRoom(WorkerGroup group) =>
        group.Free.Items.Concat(group.Prefetching.Items);

    private void RejectAside(QueueEntry queue)
    {
        AsideLooks++;
        foreach (var (handler, aside) in queue.Aside.ToArray())
        {
            if (OfferingOf(queue, handler) != Offering.Nobody) continue;
            while (aside.First is { } task)
            {
                LeaveQueue(task);
                RejectHandler(task);
            }
        }
    }

    private void RejectHandler(TaskEntry task)
    {
        var offered = task.Queue.Bindings.SelectMany(binding => Askable(binding.Group))
            .SelectMany(worker => worker.Handlers ?? []).ToHashSet(StringComparer.Ordinal);
        if (task.Queue.Bindings.Exists(binding => binding.Group.Pool is { Settings.Exec: true }))
            offered.Add(Names.Exec);
        var names = string.Join(", ", offered.Order(StringComparer.Ordinal).Take(20));
        Finish(
            task, TaskState.Failed,
            new TaskFailure(FailureKind.Rejected,
                $"No worker offers the handler '{task.Handler}'. On offer: {names}."),
            null);
    }
}
