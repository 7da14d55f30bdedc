namespace Queued.Broker;

public sealed partial class BrokerCore
{
    /// <summary>Counts everything again, in O(n). For tests.</summary>
    internal void VerifyAll()
    {
        var (open, bytes, window, kept) = (0L, 0L, 0L, 0L);
        foreach (var task in _tasks.NewestFirst(null))
        {
            window += task.WindowBytes;
            if (task.State.IsFinal())
            {
                kept += task.KeptBytes;
                continue;
            }

            open++;
            bytes += task.PayloadBytes;
            Hold? hold = (Hold?)task.Lease ?? task.MessageLease;
            Invariant.Require(task.State == TaskState.Running == hold is not null);
            Invariant.Require(hold is null || hold.Attempt == new AttemptId(task.Id, task.Attempt));
            Invariant.Require(task.IsMessage == (task.Queue.Messages is not null));
        }

        Invariant.Require(_openTasks == open);
        Invariant.Require(_openBytes == bytes);
        Invariant.Require(_keptBytes == kept && (kept <= _limits.FinishedBytesMax || _retentionLeft == 0));
        Invariant.Require(
            _queues.Values.All(queue => queue.Dead.Count <= queue.DeadMax || _overfull.Contains(queue)));
        Invariant.Require(_dead.Count == _queues.Values.Sum(queue => queue.Dead.Count));
        Invariant.Require(_asideCount == _queues.Values.Sum(queue => queue.Aside.Values.Sum(aside => aside.Count)));
        Invariant.Require(_windowBytes == window && window <= _limits.PayloadWindowBytes);
        _states.Verify();
        foreach (var queue in _queues.Values) Verify(queue);
        Invariant.Require(
            _queues.Values.Sum(queue => queue.WaitingAttempts) == _workers.Values.Sum(worker => worker.Waiting));
        foreach (var worker in _workers.Values) Verify(worker);
        _segments.Verify(_tasks.NewestFirst(null));
        _pipes.VerifyAll();
        var putting = _sessions.Values.SelectMany(session => session.Waits.Items).OfType<PutWait>();
        Invariant.Require(_waits.KeptBytes == putting.Sum(
            put => MessageRules.BytesOf(put.Messages, put.Done, put.Messages.Count)));
        VerifyWatches();
        VerifyEphemeral();
    }

    /// <summary>Who waits for several things stands in the list of each of them, and of nothing else.</summary>
    private void VerifyWatches()
    {
        var sources = _tasks.NewestFirst(null).Concat<IReadySource>(_pipes.Sources).Concat(_states.Events)
            .Concat(_queues.Values.Where(queue => queue.Messages is not null).Select(queue => queue.Messages!));
        var watched = sources.Sum(Readiness.Verify);
        Invariant.Require(watched == _sessions.Values.Sum(session => session.ReadyWatches));
        foreach (var session in _sessions.Values)
        {
            Invariant.Require(
                session.ReadyWatches == session.Waits.Items.OfType<ReadyWait>().Sum(wait => wait.WatchCount));
        }
    }

    /// <summary>
    /// Of a queue that was deleted nothing is left, who uses one is known to it, and none is there that nobody uses.
    /// </summary>
    private void VerifyEphemeral()
    {
        foreach (var queue in _queues.Values.Where(queue => queue.Messages is { IsEphemeral: true }))
            Invariant.Require(queue.Messages!.Users is { Count: > 0 });
        foreach (var session in _sessions.Values)
        {
            foreach (var queue in session.Ephemeral ?? [])
            {
                Invariant.Require(_queues.GetValueOrDefault(queue.Name) == queue);
                Invariant.Require(queue.Messages!.Users!.Contains(session));
            }
        }
    }

    private void Verify(QueueEntry queue)
    {
        var parked = queue.Gates.Values.Sum(gate => gate.Parked.Count);
        var aside = queue.Aside.Values.Sum(tasks => tasks.Count);
        Invariant.Require(queue.Count(TaskState.Queued) == queue.Ready.Count + parked + aside);
        Invariant.Require(queue.Waiting.Count == queue.Count(TaskState.Scheduled) + queue.Count(TaskState.Retrying));
        if (queue.Messages is { } side) Verify(queue, side);
        else Invariant.Require(queue.IsOffered == queue.CanGive || Mutant != Mutant.None);
        foreach (var handler in queue.Aside.Keys.Where(_ => !_isShuttingDown)) VerifyAside(queue, handler);
        foreach (var gate in queue.Gates.Values)
        {
            Invariant.Require(gate.Admitted >= 0 && gate.Members > 0);
            Invariant.Require(!gate.HasRoom || gate.Parked.Count == 0);
        }
    }

    /// <summary>Nothing waits aside that a worker has room for: looking only at changes rests on that.</summary>
    private static void VerifyAside(QueueEntry queue, string handler)
    {
        var room = queue.Bindings.SelectMany(binding => WithRoom(binding.Group))
            .Where(worker => worker.Offers(handler)).Sum(worker => worker.Credits);
        Invariant.Require(room <= queue.Ready.All.Count(task => task.Handler == handler));
    }

    private void Verify(QueueEntry queue, MessageSide side)
    {
        var (held, bytes) = (0, 0L);
        for (var lease = side.Held.First;
            lease is not null;
            lease = LinkedRing<MessageLease, MessageLease.OfQueue>.After(lease))
        {
            Invariant.Require(lease.Task.MessageLease == lease && lease.Task.Queue == queue);
            Invariant.Require(_sessions.GetValueOrDefault(lease.Session.Id) == lease.Session || Mutant != Mutant.None);
            held++;
            bytes += lease.Task.PayloadBytes;
        }

        Invariant.Require(queue.Count(TaskState.Running) == held && side.HeldBytes == bytes);
        Invariant.Require(_unserved.Count == 0);
        Invariant.Require(side.Getters.Count == 0 || !queue.CanGive);
        Invariant.Require(side.Getters.Count == 0 || !queue.IsDrained);
        Invariant.Require(side.Joiners.Count == 0 || queue.Open > 0);
        Invariant.Require(side.Putters.First is not PutWait put ||
            (!queue.HasRoomFor(put.Messages[put.Done].Payload.Length) && queue.State != QueueState.Draining));
    }

    private static void Verify(WorkerEntry worker)
    {
        var (begun, waiting, isPastBegun) = (0, 0, false);
        for (var lease = worker.Held.First; lease is not null; lease = LinkedRing<Lease, Lease.Links>.After(lease))
        {
            isPastBegun |= lease == worker.NextToBegin;
            Invariant.Require(lease.IsBegun != isPastBegun);
            Invariant.Require(lease.Task.Lease == lease && lease.Worker == worker);
            if (lease.IsBegun) begun++;
            if (lease.IsWaiting) waiting++;
        }

        Invariant.Require(worker.Begun == begun);
        Invariant.Require(worker.Waiting == waiting);
    }
}
