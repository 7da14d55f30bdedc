namespace Queued.Broker;

/// <summary>What few tasks have, apart from those that have none of it: a task that only waits must be small.</summary>
internal sealed class TaskDetails
{
    public string? ConcurrencyKey { get; init; }

    public int ConcurrencyLimit { get; init; }

    public string Traceparent { get; init; } = "";

    public string Tracestate { get; init; } = "";

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public TaskId? RetryOf { get; set; }

    public int FailedAttempts { get; set; }

    public int LostDeliveries { get; set; }

    public bool CancelRequested { get; set; }

    public string CancelText { get; set; } = "";

    public DateTimeOffset? DueAt { get; set; }

    public TaskFailure? LatestFailure { get; set; }

    public TaskProgress? Progress { get; set; }

    public AttemptView? RestoredAttempt { get; set; }

    public List<AttemptView>? PastAttempts { get; set; }

    public ConcurrencyGate? Gate { get; set; }

    public List<Watcher>? Watchers { get; set; }

    /// <summary>Waits for the first of several things, of which it is one.</summary>
    public LinkedRing<ReadyWatch, ReadyWatch.OfSource>? Watches { get; set; }

    /// <summary>Where its payload is in shared memory.</summary>
    public SegmentRange? Range { get; set; }

    /// <summary>Null: the submission has nothing that most have not.</summary>
    public static TaskDetails? Of(TaskSubmission task) =>
        task is
        {
            ConcurrencyKey: null, Labels: null, Traceparent.Length: 0, Tracestate.Length: 0, Payload.Range: null,
        }
            ? null
            : new TaskDetails
            {
                ConcurrencyKey = task.ConcurrencyKey,
                ConcurrencyLimit = task.ConcurrencyLimit,
                Traceparent = task.Traceparent,
                Tracestate = task.Tracestate,
                Labels = task.Labels,
                Range = task.Payload.Range,
            };
}
