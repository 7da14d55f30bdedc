namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private void TaskDue(TaskEntry task)
    {
        switch (task.State)
        {
            case TaskState.Scheduled or TaskState.Retrying:
                BecomeDue(task);
                break;
            case TaskState.Queued:
                MarkWithdrawn(task);
                LeaveQueue(task);
                var text = $"It did not begin within its queue_timeout of {task.Plan.QueueTimeout}.";
                Finish(task, TaskState.Expired, new TaskFailure(FailureKind.Expired, text), null);
                break;
            case TaskState.Running when task.MessageLease is { } lease:
                LeaseDue(lease);
                break;
            case TaskState.Running:
                LeaseDue(task.Lease!);
                break;
            default:
                throw new InvariantException($"Task {task.Id} is {task.State} and has a deadline.");
        }
    }

    private void BecomeDue(TaskEntry task)
    {
        LeaveWaiting(task);
        Enqueue(task, atOldPlace: false);
    }

    /// <summary>Into the queue: at the end of its priority under a new number, or where its old number says.</summary>
    private void Enqueue(TaskEntry task, bool atOldPlace, TimeSpan waited = default)
    {
        var from = task.State;
        if (Mutant == Mutant.LoseOldPlace) atOldPlace = false;
        task.BecomeQueued(Now.Monotonic + -waited);
        if (!atOldPlace) task.Order = task.Queue.Ready.IsLifo ? ~++_orders : ++_orders;
        task.Queue.Moved(from, TaskState.Queued);
        if (task.Attempt == 0 && task.Plan.QueueTimeout is { } timeout) SetTimer(task, task.QueuedAt + timeout);
        BecomeReady(task, atOldPlace);
        TellChange(task);
    }

    /// <summary>In the ready order, or outside its gate.</summary>
    private void BecomeReady(TaskEntry task, bool atOldPlace)
    {
        if (task.Gate is { } gate && !task.IsAdmitted)
        {
            if (!gate.HasRoom)
            {
                gate.Parked.Add(task);
                // After a restart it comes from RUNNING, so that others of its queue may run.
                UpdateOffers(task.Queue);
                return;
            }

            Admit(gate, task);
        }

        if (atOldPlace) task.Queue.Ready.Return(task);
        else task.Queue.Ready.Append(task);
        UpdateOffers(task.Queue);
    }

    /// <summary>Out of the ready order, or from outside its gate, or from beside its queue.</summary>
    private void LeaveQueue(TaskEntry task)
    {
        SetTimer(task, Instant.Never);
        if (task.IsAside)
        {
            LeaveAside(task);
            return;
        }

        if (task.Gate is { } gate && !task.IsAdmitted)
        {
            gate.Parked.Remove(task);
            return;
        }

        task.Queue.Ready.Remove(task);
        UpdateOffers(task.Queue);
    }

    private void LeaveWaiting(TaskEntry task)
    {
        SetTimer(task, Instant.Never);
        if (task.IsOnWallClock)
        {
            task.IsOnWallClock = false;
            _wallTimers.Remove(task);
        }

        task.Queue.Waiting.Remove(task);
    }

    /// <summary>Waits for its back-off or its snooze; it gives its place under its key to others.</summary>
    private void StartRetrying(TaskEntry task, TimeSpan delay)
    {
        task.BecomeRetrying(Now.Wall + delay);
        task.Queue.Moved(TaskState.Running, TaskState.Retrying);
        LeaveGate(task);
        Wait(task, delay);
        PersistMoved(task);
        UpdateOffers(task.Queue);
        TellChange(task);
    }

    /// <summary>
    /// Among those that wait until they are due. A run_at is on the wall clock, a delay and a back-off are not.
    /// </summary>
    private void Wait(TaskEntry task, TimeSpan delay)
    {
        task.Queue.Waiting.AddLast(task);
        if (task is { State: TaskState.Scheduled, HasRunAt: true })
        {
            task.IsOnWallClock = true;
            _wallTimers.Add(task);
        }
        else
        {
            SetTimer(task, Now.Monotonic + delay);
        }
    }

    private void EnterGate(TaskEntry task, QueueEntry queue, string key, int limit)
    {
        if (!queue.Gates.TryGetValue(key, out var gate))
        {
            gate = new ConcurrencyGate(key);
            queue.Gates.Add(key, gate);
        }

        gate.Limit = limit;
        gate.Members++;
        task.Gate = gate;
        AdmitParked(queue, gate);
    }

    private static void Admit(ConcurrencyGate gate, TaskEntry task)
    {
        gate.Admitted++;
        task.IsAdmitted = true;
    }

    /// <summary>Its place under its key is free for the next one.</summary>
    private void LeaveGate(TaskEntry task)
    {
        if (task.Gate is not { } gate || !task.IsAdmitted) return;
        if (Mutant == Mutant.LeakConcurrencyKey && task.State == TaskState.Cancelled) return;
        task.IsAdmitted = false;
        gate.Admitted--;
        AdmitParked(task.Queue, gate);
    }

    private void AdmitParked(QueueEntry queue, ConcurrencyGate gate)
    {
        while (gate.HasRoom && gate.Parked.First is { } next)
        {
            gate.Parked.Remove(next);
            Admit(gate, next);
            queue.Ready.Return(next);
        }

        UpdateOffers(queue);
    }

    /// <summary>The task's one end. It has left whatever list it was in.</summary>
    /// <param name="task">The task.</param>
    /// <param name="state">How it ended.</param>
    /// <param name="failure">Why it did not succeed.</param>
    /// <param name="result">What it gives back.</param>
    /// <param name="last">Its last attempt. Null: it had none, or nobody will see it.</param>
    /// <param name="worker">Who ran that, where <paramref name="last"/> does not say it.</param>
    private void Finish(
        TaskEntry task, TaskState state, TaskFailure? failure, TaskPayload? result, AttemptView? last = null,
        WorkerId? worker = null)
    {
        var from = task.State;
        var forgetAt = Now.Monotonic + task.Plan.ResultTtl;
        if (Mutant == Mutant.ForgetResultEarly) forgetAt = Now.Monotonic + (task.Plan.ResultTtl / 2);
        task.BecomeFinal(state, new TaskEnd(Now.Wall, forgetAt, result, failure, last)
        {
            Number = ++_ends,
            IsDead = IsDeadLetter(task, state),
        });
        _segments.Hold(result, task.Id);
        task.LatestFailure = failure;
        var queue = task.Queue;
        if (Mutant != Mutant.DriftCounters || state != TaskState.Cancelled || from != TaskState.Queued)
            queue.Moved(from, state);
        switch (state)
        {
            case TaskState.Succeeded: queue.SucceededTotal++; break;
            case TaskState.Cancelled: queue.CancelledTotal++; break;
            default: queue.FailedTotal++; break;
        }

        Close(task);
        LeaveGate(task);
        if (task.Gate is { } gate && --gate.Members == 0) queue.Gates.Remove(gate.Key);
        UpdateOffers(queue);
        PersistEnded(task);
        TellEnd(task, worker);
        ReleasePayloads(task);
        Keep(task);
    }

    /// <summary>It counts no more among those that have not ended.</summary>
    private void Close(TaskEntry task)
    {
        _openTasks--;
        _openBytes -= task.PayloadBytes;
        task.Queue.PayloadBytes -= task.PayloadBytes;
    }

    private static TaskOutcome OutcomeOf(TaskEntry task, WorkerId? worker = null) => new(
        task.Id, task.State, task.End!.Result, task.End.Failure, task.Attempt, worker ?? task.End.LastAttempt?.Worker);

    private void TellEnd(SessionId session, ulong tag, TaskOutcome outcome) => Emit(
        new Effect.TaskFinished(
            session, tag,
            outcome.Result?.Range is null
                ? outcome
                : outcome with { Result = _segments.Tell(outcome.Result, SessionOf(session)) }));

    private void CancelTask(Command.CancelTask cancel)
    {
        if (cancel.Reason.Length > _limits.ReasonLengthMax)
        {
            Refuse(cancel.Request,
                Rejections.Invalid("reason", $"The reason must be at most {_limits.ReasonLengthMax} characters."));
            return;
        }

        if (SubmissionRules.CheckSpan("grace", cancel.Grace, _limits.GraceMax) is { } mistake)
        {
            Refuse(cancel.Request, mistake);
            return;
        }

        if (_tasks.Find(cancel.Task) is not { } task)
        {
            Refuse(cancel.Request, Rejections.TaskNotFound(cancel.Task));
            return;
        }

        if (task.State.IsFinal())
        {
            Refuse(cancel.Request, new Rejection(
                RejectionReason.TaskFinished, $"Task {task.Id} has ended ({task.State}) and cannot be cancelled.",
                "task_id"));
            return;
        }

        if (task.State == TaskState.Running) CancelRunning(task, cancel.Reason, cancel.Grace ?? task.Plan.Grace);
        else CancelWaiting(task, cancel.Reason);
        // With a result_ttl of nothing it is gone already; what is shown is what it was.
        Reply(cancel.Request, new Response.OneTask(ViewOf(task, withPayload: false)));
    }

    private void CancelWaiting(TaskEntry task, string reason)
    {
        if (task.State == TaskState.Queued)
        {
            MarkWithdrawn(task);
            LeaveQueue(task);
        }
        else
        {
            LeaveWaiting(task);
        }

        if (task.IsMessage) EndMessage(task, TaskState.Cancelled);
        else Finish(task, TaskState.Cancelled, CancelFailure(reason), null);
    }

    private static TaskFailure CancelFailure(string reason) =>
        new(FailureKind.Cancelled, reason.Length > 0 ? reason : "It was cancelled.");

    private void RetryTask(Command.RetryTask retry)
    {
        if (_tasks.Find(retry.Task) is not { } task)
        {
            Refuse(retry.Request, Rejections.TaskNotFound(retry.Task));
            return;
        }

        if (!task.State.IsFinal())
        {
            Refuse(retry.Request, new Rejection(
                RejectionReason.TaskNotFinished, $"Task {task.Id} has not ended ({task.State}). Cancel it first.",
                "task_id"));
            return;
        }

        if (Mutant == Mutant.ResurrectFinished)
        {
            Reply(retry.Request, new Response.Retried(task.Id));
            return;
        }

        if (_isShuttingDown)
        {
            Refuse(retry.Request, Rejections.DaemonDraining());
            return;
        }

        if (!TryGetQueue(task.Queue.Name, out var queue, out var missing) ||
            (missing = queue.Kind == task.Queue.Kind ? null : MessageRules.WrongKind(queue)) is not null ||
            (missing = RefuseForRoom(queue, null, 1, task.PayloadBytes)) is not null)
        {
            Refuse(retry.Request, missing!);
            return;
        }

        Reply(retry.Request, new Response.Retried(AddAgain(queue, task).Id));
    }

    /// <summary>The same work as a new task: at once, and without the key that made the old one unique.</summary>
    private TaskEntry AddAgain(QueueEntry queue, TaskEntry old) => AddTask(queue, old.Again(), old);
}
