using System.Text;

namespace Queued.Broker.Tests.Tracing;

/// <summary>Snapshots in one line: the state, then whatever is not at its zero.</summary>
internal static class ViewText
{
    public static string Bytes(TaskPayload payload) =>
        payload.IsStored ? $"stored:{payload.Length}"
        : payload.Range is { } range ? $"{(payload.IsToBeRead ? "read" : "")}@{range.Segment}:{range.Length}"
        : payload.Length == 0 ? "empty"
        : Encoding.UTF8.GetString(payload.Data.Span);

    public static string Task(TaskView task, TraceNames names)
    {
        var text = new StringBuilder($"{names.Show(task.Id)} {EffectText.Word(task.State)}");
        Add(text, "attempt", task.Attempt);
        Add(text, "failed", task.FailedAttempts);
        Add(text, "lost", task.LostDeliveries);
        if (task.CancelRequested) text.Append(" cancel-requested");
        if (task.DueAt is { } due) text.Append($" due={due:HH:mm:ss.fff}");
        if (task.Failure is { } failure) text.Append($" failure={EffectText.Failure(failure)}");
        if (task.Result is { } result) text.Append($" result={Bytes(result)}");
        if (task.Payload is { } payload) text.Append($" payload={Bytes(payload)}");
        if (task.Progress is { } progress) text.Append($" progress={progress.Completed}/{progress.Total}");
        if (task.RetryOf is { } earlier) text.Append($" retry-of={names.Show(earlier)}");
        foreach (var attempt in task.Attempts)
        {
            if (attempt.Failure is { } reason)
                text.Append($" {attempt.Attempt}@{attempt.Worker}={EffectText.Failure(reason)}");
        }

        return text.ToString();
    }

    public static string Queue(QueueView queue)
    {
        var text = new StringBuilder($"{queue.Name} {EffectText.Word(queue.State)}");
        Add(text, "scheduled", queue.Scheduled);
        Add(text, "queued", queue.Queued);
        Add(text, "running", queue.Running);
        Add(text, "retrying", queue.Retrying);
        Add(text, "dead", queue.Dead);
        Add(text, "bytes", queue.PayloadBytes);
        Add(text, "succeeded", queue.SucceededTotal);
        Add(text, "failed", queue.FailedTotal);
        Add(text, "cancelled", queue.CancelledTotal);
        Add(text, "getters", queue.WaitingGetters);
        Add(text, "putters", queue.WaitingPutters);
        if (queue.IsEphemeral) text.Append(" ephemeral");
        if (queue.Pools.Count > 0) text.Append($" pools={string.Join(',', queue.Pools)}");
        return text.ToString();
    }

    public static string Pool(PoolView pool)
    {
        var text = new StringBuilder($"{pool.Settings.Name} {EffectText.Word(pool.State)} size={pool.Settings.Size}");
        Add(text, "ready", pool.Ready);
        Add(text, "busy", pool.Busy);
        Add(text, "starting", pool.Starting);
        Add(text, "draining", pool.Draining);
        Add(text, "restarts", pool.RestartsTotal);
        Add(text, "attempts", pool.AttemptsTotal);
        Add(text, "generation", pool.Generation);
        if (pool.LastBootError.Length > 0) text.Append(" boot-error");
        return text.ToString();
    }

    public static string Worker(WorkerView worker, TraceNames names)
    {
        var text = new StringBuilder($"{worker.Id} {EffectText.Word(worker.State)}");
        if (worker.Pool.Length > 0) text.Append($" pool={worker.Pool}");
        Add(text, "slots", worker.Slots);
        Add(text, "attempts", worker.AttemptsTotal);
        Add(text, "generation", worker.Generation);
        Add(text, "resident", worker.ResidentBytes);
        foreach (var running in worker.Running)
            text.Append($" {names.Show(running.Attempt)}{(running.Waiting ? "(waiting)" : "")}");
        return text.ToString();
    }

    public static string Pipe(PipeView pipe) =>
        $"{pipe.Name} {EffectText.Word(pipe.Mode)} first={End(pipe.First)} second={End(pipe.Second)}";

    public static string Status(BrokerStatus status)
    {
        var text = new StringBuilder(status.Draining ? "status draining" : "status");
        Add(text, "queues", status.Queues);
        Add(text, "pools", status.Pools);
        Add(text, "workers", status.Workers);
        Add(text, "open", status.OpenTasks);
        Add(text, "finished", status.FinishedTasks);
        Add(text, "running", status.RunningTasks);
        Add(text, "problems", status.Problems.Count);
        return text.ToString();
    }

    private static string End(PipeEndView end)
    {
        var text = new StringBuilder(end.Holder.Length == 0 ? "free" : end.Holder);
        if (end.IsClosed) text.Append("(closed)");
        if (end.WaitingMessages > 0) text.Append($":{end.WaitingMessages}/{end.WaitingBytes}B");
        return text.ToString();
    }

    public static void Add(StringBuilder text, string name, long value)
    {
        if (value != 0) text.Append($" {name}={value}");
    }

    public static string Segment(SegmentView segment) =>
        $"segment {segment.Id}{(segment.Name.Length > 0 ? $" name={segment.Name}" : "")} bytes={segment.Bytes} " +
        $"users={string.Join(',', segment.Users)}";
}
