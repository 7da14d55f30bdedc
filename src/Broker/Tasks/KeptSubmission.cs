namespace Queued.Broker;

/// <summary>A submission as its task keeps it: what many share is shared, and what was needed once is gone.</summary>
internal readonly struct KeptSubmission(TaskTemplate template, TaskDetails? details, TaskPayload payload, ulong tag)
{
    public ulong Tag => tag;

    public string Handler => template.Traits.Handler;

    public TaskPayload Payload => payload;

    public string? ConcurrencyKey => details?.ConcurrencyKey;

    public int ConcurrencyLimit => details?.ConcurrencyLimit ?? 0;

    public string Traceparent => details?.Traceparent ?? "";

    public string Tracestate => details?.Tracestate ?? "";

    public IReadOnlyDictionary<string, string>? Labels => details?.Labels;

    /// <summary>The same work once more: at once, and without the key that made it unique.</summary>
    public TaskSubmission Again() => new()
    {
        Handler = Handler,
        Queue = template.Queue.Name,
        Payload = payload,
        Priority = template.Traits.Priority,
        Retry = template.Traits.Retry,
        Timeout = template.Traits.Timeout,
        SoftTimeout = template.Traits.SoftTimeout,
        Grace = template.Traits.Grace,
        QueueTimeout = template.Traits.QueueTimeout,
        ConcurrencyKey = ConcurrencyKey,
        ConcurrencyLimit = ConcurrencyLimit,
        ResultTtl = template.Traits.ResultTtl,
        Traceparent = Traceparent,
        Tracestate = Tracestate,
        Labels = Labels,
    };
}
