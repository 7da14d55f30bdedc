namespace Queued.Broker;

public sealed partial class BrokerCore
{
    /// <summary>Groups in which a queue or a worker has come free since the last look.</summary>
    private readonly List<WorkerGroup> _dirty = [];

    private void MarkDirty(WorkerGroup group)
    {
        if (group.IsDirty) return;
        group.IsDirty = true;
        _dirty.Add(group);
    }

    /// <summary>
    /// Gives out whatever can be given: to free slots first, over all groups, and only then to workers that would let
    /// it wait. Runs at the end of every turn.
    /// </summary>
    private void Dispatch()
    {
        if (_unserved.Count > 0) ServeMessages();
        if (_asideCount > 0 && !_isShuttingDown) ReturnAside();
        for (var index = 0; index < _dirty.Count && !_isShuttingDown; index++) Dispatch(_dirty[index], ahead: false);
        for (var index = 0; index < _dirty.Count; index++)
        {
            var group = _dirty[index];
            group.IsDirty = false;
            if (!_isShuttingDown) Dispatch(group, ahead: true);
        }

        _dirty.Clear();
    }

    private void Dispatch(WorkerGroup group, bool ahead)
    {
        while (group.Offers.First is { } binding)
        {
            var worker = group.Free.First ?? (ahead ? group.Prefetching.First : null);
            var isExec = group.Pool is { Settings.Exec: true };
            if (isExec ? !group.Pool!.HasExecRoom : worker is null) return;
            group.Offers.MoveToEnd(binding);
            var task = binding.Queue.Ready.Peek(lowest: Mutant == Mutant.InvertPriority)!;
            var handler = task.Handler;
            if (isExec ? handler != Names.Exec : !worker!.Offers(handler))
            {
                PassOn(task);
                continue;
            }

            LeaveQueue(task);
            if (isExec) GiveExec(task, group.Pool!);
            else Give(task, worker!);
        }
    }

    /// <summary>The queue is in the rings of its groups while it has a task to give.</summary>
    private void UpdateOffers(QueueEntry queue)
    {
        if (queue.Messages is { } messages)
        {
            messages.Mark();
            return;
        }

        var canGive = queue.CanGive;
        if (Mutant == Mutant.GiveFromPausedQueue && queue.State == QueueState.Paused) canGive = queue.Ready.Count > 0;
        if (Mutant == Mutant.IgnoreRunningMax && queue.State != QueueState.Paused) canGive = queue.Ready.Count > 0;
        if (queue.IsOffered == canGive) return;
        queue.IsOffered = canGive;
        // The group that is offered something first gets it first, so each is the first in turn.
        if (canGive) queue.Offerings++;
        for (var index = 0; index < queue.Bindings.Count; index++)
        {
            var binding = queue.Bindings[(queue.Offerings + index) % queue.Bindings.Count];
            if (canGive) Offer(binding);
            else binding.Group.Offers.Remove(binding);
        }
    }

    private void Offer(Binding binding)
    {
        binding.Group.Offers.AddLast(binding);
        MarkDirty(binding.Group);
    }

    private void Bind(WorkerGroup group, IEnumerable<QueueEntry> queues)
    {
        foreach (var queue in queues)
        {
            var binding = new Binding(queue, group);
            group.Bindings.Add(binding);
            queue.Bindings.Add(binding);
            if (queue.IsOffered) Offer(binding);
        }

        MarkDoubted(group);
    }

    private void Unbind(WorkerGroup group)
    {
        foreach (var binding in group.Bindings)
        {
            binding.Queue.Bindings.Remove(binding);
            if (binding.Queue.IsOffered) group.Offers.Remove(binding);
        }

        MarkDoubted(group);
        group.Bindings.Clear();
    }

    /// <summary>The worker is in the ring that its slots and credits say, or in none.</summary>
    private void UpdateRing(WorkerEntry worker)
    {
        var ring = !worker.CanWork || worker.Credits <= 0 ? null
            : worker.HasFreeSlot ? worker.Group.Free
            : worker.Group.Prefetching;
        if (!ReferenceEquals(ring, worker.Ring))
        {
            worker.Ring?.Remove(worker);
            ring?.AddLast(worker);
            worker.Ring = ring;
        }

        if (worker.IsAskable != worker.WasAskable)
        {
            worker.WasAskable = worker.IsAskable;
            MarkDoubted(worker.Group);
        }

        if (ring is null) return;
        MarkDirty(worker.Group);
        MarkFreed(worker);
    }
}
