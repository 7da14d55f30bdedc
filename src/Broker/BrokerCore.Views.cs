namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private static TaskView ViewOf(TaskEntry task, bool withPayload, bool withResult = true)
    {
        var attempts = new List<AttemptView>((task.PastAttempts?.Count ?? 0) + 1);
        if (task.PastAttempts is { } past) attempts.AddRange(past);
        if (task.Lease is { } lease) attempts.Add(ViewOf(lease, null, null));
        else if (task.End?.LastAttempt is { } last) attempts.Add(last);
        return new TaskView
        {
            Id = task.Id,
            Handler = task.Handler,
            Queue = task.Queue.Name,
            State = task.State,
            Priority = task.Priority,
            Attempt = task.Attempt,
            FailedAttempts = task.FailedAttempts,
            LostDeliveries = task.LostDeliveries,
            SubmittedAt = task.SubmittedAt,
            DueAt = task.DueAt,
            StartedAt = attempts.Count > 0 ? attempts[^1].StartedAt : null,
            FinishedAt = task.End?.At,
            // Whoever is shown a task does not map segments.
            Result = withResult ? task.End?.Result?.ToRead() : null,
            Failure = task.State is TaskState.Queued or TaskState.Running or TaskState.Scheduled
                ? null : task.LatestFailure,
            Progress = task.Progress,
            Attempts = attempts,
            Labels = task.Labels,
            RetryOf = task.RetryOf,
            CancelRequested = task.CancelRequested,
            Payload = withPayload ? task.Payload.ToRead() : null,
            PayloadBytes = task.PayloadBytes,
        };
    }

    private static AttemptView ViewOf(Lease lease, TaskFailure? failure, DateTimeOffset? endedAt) => new(
        lease.Attempt.Attempt, lease.Worker.Id, lease.Worker.ProcessId, lease.StartedAtWall, endedAt, failure);

    private AttemptView ViewOf(Lease lease, TaskFailure? failure) => ViewOf(lease, failure, Now.Wall);

    private static QueueSettings SettingsOf(QueueEntry queue) => new()
    {
        Durability = queue.Durability,
        TasksMax = queue.TasksMax,
        BytesMax = queue.BytesMax,
        Retry = queue.Plan.Retry.ToSettings(),
        Timeout = queue.Plan.Timeout,
        Grace = queue.Plan.Grace,
        ResultTtl = queue.Plan.ResultTtl,
        RunningMax = queue.RunningMax,
        DeadMax = queue.DeadMax,
        Kind = queue.Kind,
        Order = OrderOf(queue),
    };

    private static QueueView ViewOf(QueueEntry queue) => new()
    {
        Name = queue.Name,
        Settings = SettingsOf(queue),
        State = queue.State,
        Scheduled = queue.Count(TaskState.Scheduled),
        Queued = queue.Count(TaskState.Queued),
        Running = queue.Count(TaskState.Running),
        Retrying = queue.Count(TaskState.Retrying),
        Dead = queue.Dead.Count,
        PayloadBytes = queue.PayloadBytes,
        SucceededTotal = queue.SucceededTotal,
        FailedTotal = queue.FailedTotal,
        CancelledTotal = queue.CancelledTotal,
        OldestQueuedAt = queue.Aside.Values.Select(aside => aside.First).Append(queue.Ready.Oldest())
            .Min(task => task?.SubmittedAt),
        Pools = queue.Bindings.Where(binding => binding.Group.Pool is not null)
            .Select(binding => binding.Group.Pool!.Name).ToArray(),
        IsEphemeral = queue.Messages?.IsEphemeral == true,
        WaitingGetters = queue.Messages?.Getters.Count ?? 0,
        WaitingPutters = queue.Messages?.Putters.Count ?? 0,
    };

    private static PoolView ViewOf(PoolEntry pool) => new()
    {
        Settings = pool.Settings with { Size = pool.Size },
        State = pool.State,
        Ready = pool.Workers.Values.Count(worker => worker.State is WorkerState.Ready or WorkerState.Busy),
        Busy = pool.Workers.Values.Count(worker => worker.State == WorkerState.Busy),
        Starting = pool.Workers.Values.Count(worker => worker.State == WorkerState.Starting),
        Draining = pool.Workers.Values.Count(worker => worker.State == WorkerState.Draining),
        RestartsTotal = pool.RestartsTotal,
        AttemptsTotal = pool.AttemptsTotal,
        LastBootError = pool.LastBootError,
        Generation = pool.Generation,
    };

    private static WorkerView ViewOf(WorkerEntry worker)
    {
        var running = new List<RunningAttemptView>();
        for (var lease = worker.Held.First; lease is not null; lease = LinkedRing<Lease, Lease.Links>.After(lease))
            running.Add(new RunningAttemptView(lease.Attempt, lease.Task.Handler, lease.IsWaiting));
        return new WorkerView
        {
            Id = worker.Id,
            Pool = worker.Pool?.Name ?? "",
            State = worker.State,
            ProcessId = worker.ProcessId,
            StartedAt = worker.StartedAt,
            Running = running,
            AttemptsTotal = worker.AttemptsTotal,
            ResidentBytes = worker.ResidentBytes,
            Queues = worker.Group.Bindings.Select(binding => binding.Queue.Name).ToArray(),
            Handlers = worker.Handlers?.Order(StringComparer.Ordinal).ToArray() ?? [],
            Slots = worker.Slots,
            Generation = worker.Generation,
        };
    }
}
