namespace Queued.Broker;

/// <summary>What few tasks have. Nothing is kept for a task until one of these is more than nothing.</summary>
internal sealed partial class TaskEntry
{
    private TaskDetails? _details = TaskDetails.Of(submission);

    public string Traceparent => _details?.Traceparent ?? "";

    public string Tracestate => _details?.Tracestate ?? "";

    public IReadOnlyDictionary<string, string>? Labels => _details?.Labels;

    /// <summary>What its attempts are to call.</summary>
    public AssignmentTarget Target => _details is { } details && (details.Labels is not null ||
        details.Traceparent.Length > 0 || details.Tracestate.Length > 0)
        ? _template.Target with
        {
            Traceparent = details.Traceparent,
            Tracestate = details.Tracestate,
            Labels = details.Labels,
        }
        : _template.Target;

    public string? ConcurrencyKey => _details?.ConcurrencyKey;

    public int ConcurrencyLimit => _details?.ConcurrencyLimit ?? 0;

    public int FailedAttempts
    {
        get => _details?.FailedAttempts ?? 0;
        set => Details.FailedAttempts = value;
    }

    public int LostDeliveries
    {
        get => _details?.LostDeliveries ?? 0;
        set => Details.LostDeliveries = value;
    }

    public bool CancelRequested
    {
        get => _details is { CancelRequested: true };
        set
        {
            if (value || _details is not null) Details.CancelRequested = value;
        }
    }

    public string CancelText
    {
        get => _details?.CancelText ?? "";
        set
        {
            if (value.Length > 0 || _details is not null) Details.CancelText = value;
        }
    }

    public TaskId? RetryOf
    {
        get => _details?.RetryOf;
        init
        {
            if (value is not null) Details.RetryOf = value;
        }
    }

    /// <summary>There while SCHEDULED or RETRYING.</summary>
    public DateTimeOffset? DueAt
    {
        get => _details?.DueAt;
        private set
        {
            if (value is not null || _details is not null) Details.DueAt = value;
        }
    }

    public TaskFailure? LatestFailure
    {
        get => _details?.LatestFailure;
        set
        {
            if (value is not null || _details is not null) Details.LatestFailure = value;
        }
    }

    public TaskProgress? Progress
    {
        get => _details?.Progress;
        set
        {
            if (value is not null || _details is not null) Details.Progress = value;
        }
    }

    /// <summary>The attempt that ran when the daemon died, until a restart has dealt with it.</summary>
    public AttemptView? RestoredAttempt
    {
        get => _details?.RestoredAttempt;
        set
        {
            if (value is not null || _details is not null) Details.RestoredAttempt = value;
        }
    }

    /// <summary>Attempts that did not succeed, oldest first.</summary>
    public List<AttemptView>? PastAttempts
    {
        get => _details?.PastAttempts;
        set => Details.PastAttempts = value;
    }

    public ConcurrencyGate? Gate
    {
        get => _details?.Gate;
        set => Details.Gate = value;
    }

    public List<Watcher>? Watchers
    {
        get => _details?.Watchers;
        set
        {
            if (value is not null || _details is not null) Details.Watchers = value;
        }
    }

    public LinkedRing<ReadyWatch, ReadyWatch.OfSource>? Watches
    {
        get => _details?.Watches;
        set
        {
            if (value is not null || _details is not null) Details.Watches = value;
        }
    }

    /// <summary>The same work once more: at once, and without the key that made it unique.</summary>
    public TaskSubmission Again()
    {
        var traits = _template.Traits;
        var terms = new TaskTerms
        {
            Handler = Handler,
            Queue = Queue.Name,
            Retry = traits.Retry,
            Timeout = traits.Timeout,
            SoftTimeout = traits.SoftTimeout,
            Grace = traits.Grace,
            QueueTimeout = traits.QueueTimeout,
            ConcurrencyKey = ConcurrencyKey,
            ConcurrencyLimit = ConcurrencyLimit,
            ResultTtl = traits.ResultTtl,
            Traceparent = Traceparent,
            Tracestate = Tracestate,
            Labels = Labels,
        };
        return new TaskSubmission(terms) { Payload = Payload, Priority = Priority };
    }

    private TaskDetails Details => _details ??= new TaskDetails();
}
