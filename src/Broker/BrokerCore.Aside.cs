namespace Queued.Broker;

/// <summary>
/// Ready tasks whose handler no worker with room offers. They wait beside their queue, each kind for its workers, so
/// that they hold up nobody else.
/// </summary>
public sealed partial class BrokerCore
{
    private int _asideCount;

    /// <summary>A worker or a pool has come or gone since the last look: a handler may be offered no more.</summary>
    private bool _offeringsChanged;

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
        var (queue, handler) = (task.Queue, task.Submission.Handler);
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
            worker is { IsConnected: true, IsDraining: false, Step: StopStep.None } &&
            worker.Generation == (group.Pool?.Generation ?? worker.Generation));

    private void SetAside(TaskEntry task)
    {
        var (queue, handler) = (task.Queue, task.Submission.Handler);
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
        var (queue, handler) = (task.Queue, task.Submission.Handler);
        queue.Aside[handler].Remove(task);
        if (queue.Aside[handler].Count == 0) queue.Aside.Remove(handler);
        task.IsAside = false;
        _asideCount--;
    }

    /// <summary>As many as there is room for now go back to where their numbers say.</summary>
    private void ReturnAside()
    {
        if (_offeringsChanged && _asideCount > 0) RejectAside();
        _offeringsChanged = false;
        for (var index = 0; index < _dirty.Count && _asideCount > 0; index++)
        {
            var group = _dirty[index];
            foreach (var queue in group.Bindings.Select(binding => binding.Queue).Where(queue => queue.Aside.Count > 0))
            {
                foreach (var (handler, aside) in queue.Aside.ToArray())
                {
                    var room = RoomFor(handler, group);
                    while (room > 0 && aside.First is { } task)
                    {
                        LeaveAside(task);
                        BecomeReady(task, atOldPlace: true);
                        if (task.Gate is null || task.IsAdmitted) room--;
                    }
                }
            }
        }
    }

    private static int RoomFor(string handler, WorkerGroup group)
    {
        if (group.Pool is { Settings.Exec: true } pool)
            return handler == Names.Exec && pool.HasExecRoom ? pool.Size - pool.Workers.Count : 0;
        var room = 0;
        foreach (var ring in new[] { group.Free, group.Prefetching })
        {
            for (var worker = ring.First;
                worker is not null;
                worker = LinkedRing<WorkerEntry, WorkerEntry.Links>.After(worker))
            {
                if (worker.Offers(handler)) room += worker.Credits;
            }
        }

        return room;
    }

    private void RejectAside()
    {
        foreach (var queue in _queues.Values.Where(queue => queue.Aside.Count > 0))
        {
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
                $"No worker offers the handler '{task.Submission.Handler}'. On offer: {names}."),
            null);
    }
}
