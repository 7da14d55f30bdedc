namespace Queued.Broker.Tests.Tracing;

/// <summary>One effect, one line. Texts for people are left out, so that mending a sentence breaks no story.</summary>
internal static class EffectText
{
    public static void Append(Effect effect, TraceNames names, List<string> lines)
    {
        switch (effect)
        {
            case Effect.Reply reply:
                ResponseText.Append(reply.Response, names, lines);
                break;
            default:
                lines.Add(Line(effect, names));
                break;
        }
    }

    private static string Line(Effect effect, TraceNames names) => effect switch
    {
        Effect.Persist persist =>
            $"persist {Change(persist.Change, names)}{(persist.MustFlush ? " flush" : "")}",
        Effect.TaskFinished finished =>
            $"finished {finished.Session} tag={finished.Tag} {Outcome(finished.Outcome, names)}",
        Effect.TaskChanged changed => $"changed {changed.Session} {ViewText.Task(changed.Task, names)}",
        Effect.Assign assign =>
            $"assign {assign.Worker} {names.Show(assign.Assignment.Attempt)}" +
            (assign.Assignment.Payload.Range is null ? "" : $" payload={ViewText.Bytes(assign.Assignment.Payload)}"),
        Effect.CancelAttempt cancel =>
            $"cancel-attempt {cancel.Worker} {names.Show(cancel.Attempt)} {Word(cancel.Reason)} " +
            $"grace={TraceTime.Show(cancel.Grace)}",
        Effect.RefuseAttempt refuse =>
            $"refuse-attempt {refuse.Worker} {names.Show(refuse.Attempt)} {Word(refuse.Rejection.Reason)}",
        Effect.DrainWorker drain => $"drain-worker {drain.Worker} {Word(drain.Reason)}",
        Effect.DisconnectWorker disconnect => $"disconnect-worker {disconnect.Worker}",
        Effect.StartWorker start => $"start-worker {start.Worker} pool={start.Pool.Name}",
        Effect.StartExec start =>
            $"start-exec {start.Worker} pool={start.Pool.Name} {names.Show(start.Assignment.Attempt)}",
        Effect.TerminateWorker terminate => $"terminate-worker {terminate.Worker}",
        Effect.KillWorker kill => $"kill-worker {kill.Worker}",
        Effect.AttemptEnded ended => Ended(ended.Report, names),
        Effect.WorkerEnded ended =>
            $"worker-ended {ended.Worker}{(ended.Expected ? " expected" : " unexpected")}",
        Effect.PoolChanged changed => $"pool-changed {changed.Pool} {Word(changed.State)}",
        Effect.TaskForgotten forgotten => $"forgotten {names.Show(forgotten.Task)}",
        Effect.CreateSegment create => $"create-segment {create.Id} bytes={create.Bytes}",
        Effect.ResizeSegment resize => $"resize-segment {resize.Id} bytes={resize.FromBytes}..{resize.ToBytes}",
        Effect.SegmentFree free => $"segment-free {free.Session} {free.Id}",
        Effect.RemoveSegment remove => $"remove-segment {remove.Id}",
        Effect.ShutdownComplete => "shutdown-complete",
        Effect.AwaitStore => "await-store",
        _ => throw new NotSupportedException(effect.GetType().Name),
    };

    public static string Word<T>(T value)
        where T : struct, Enum
    {
        var text = value.ToString();
        var word = "";
        for (var at = 0; at < text.Length; at++)
        {
            if (at > 0 && char.IsUpper(text[at])) word += '_';
            word += char.ToUpperInvariant(text[at]);
        }

        return word;
    }

    public static string Failure(TaskFailure failure)
    {
        var text = Word(failure.Kind);
        if (failure.ErrorType.Length > 0) text += $":{failure.ErrorType}";
        if (failure.ExitCode is { } code) text += $":code={code}";
        if (failure.Signal is { } signal) text += $":signal={signal}";
        return text;
    }

    private static string Ended(AttemptReport report, TraceNames names)
    {
        var text = $"attempt-ended {names.Show(report.Attempt)} {report.Worker} next={Word(report.Next)}";
        return report.Failure is null ? text : $"{text} failure={Failure(report.Failure)}";
    }

    private static string Outcome(TaskOutcome outcome, TraceNames names)
    {
        var text = $"{names.Show(outcome.Id)} {Word(outcome.State)} attempt={outcome.Attempt}";
        if (outcome.Failure is { } failure) text += $" failure={Failure(failure)}";
        if (outcome.Result is { } result) text += $" result={ViewText.Bytes(result)}";
        return text;
    }

    private static string Standing(TaskStanding standing)
    {
        var text = $" {Word(standing.State)}";
        if (standing.Attempt > 0) text += $" attempt={standing.Attempt}";
        if (standing.FailedAttempts > 0) text += $" failed={standing.FailedAttempts}";
        if (standing.LostDeliveries > 0) text += $" lost={standing.LostDeliveries}";
        if (standing.DueAt is { } due) text += $" due={due:HH:mm:ss.fff}";
        if (standing.CancelReason is not null) text += " cancel-requested";
        if (standing.End is not { } end) return text;
        if (end.Failure is { } failure) text += $" failure={Failure(failure)}";
        if (end.Result is { } result) text += $" result={ViewText.Bytes(result)}";
        return end.IsDead ? $"{text} dead" : text;
    }

    private static string Change(Change change, TraceNames names) => change switch
    {
        Broker.Change.QueueDeclared declared => $"queue-declared {declared.Queue.Name} {Word(declared.Queue.State)}",
        Broker.Change.QueueDeleted deleted => $"queue-deleted {deleted.Name}",
        Broker.Change.PoolDeclared declared => $"pool-declared {declared.Settings.Name} size={declared.Settings.Size}",
        Broker.Change.PoolDeleted deleted => $"pool-deleted {deleted.Name}",
        Broker.Change.KeyRemembered remembered =>
            $"key-remembered {remembered.Key.Queue} {remembered.Key.Key} {names.Show(remembered.Key.Task)}",
        Broker.Change.KeyForgotten forgotten => $"key-forgotten {forgotten.Queue} {forgotten.Key}",
        Broker.Change.TaskAdded added => $"task-added {names.Show(added.Task.Id)}{Standing(added.Task.Standing)}",
        Broker.Change.TaskMoved moved => $"task-moved {names.Show(moved.Task)}{Standing(moved.Standing)}",
        Broker.Change.TaskEnded ended => $"task-ended {names.Show(ended.Task)}{Standing(ended.Standing)}",
        Broker.Change.TaskRemoved removed => $"task-removed {names.Show(removed.Task)}",
        _ => throw new NotSupportedException(change.GetType().Name),
    };
}
