namespace Queued.Broker;

/// <summary>When and how a failed attempt is tried again, every default filled in.</summary>
internal sealed record RetryPlan(
    int MaxAttempts, int MaxDeliveries, TimeSpan InitialBackoff, double Multiplier, TimeSpan MaxBackoff, double Jitter,
    IReadOnlyList<string> NonRetryableErrorTypes)
{
    public static readonly RetryPlan Default =
        new(1, 3, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(5), 0.2, []);

    /// <summary>Takes what is given, field by field, and this for the rest.</summary>
    public RetryPlan With(RetrySettings? given)
    {
        if (given is null) return this;
        return new RetryPlan(
            given.MaxAttempts > 0 ? given.MaxAttempts : MaxAttempts,
            given.MaxDeliveries > 0 ? given.MaxDeliveries : MaxDeliveries,
            given.InitialBackoff ?? InitialBackoff,
            given.Multiplier > 0 ? given.Multiplier : Multiplier,
            given.MaxBackoff ?? MaxBackoff,
            given.Jitter ?? Jitter,
            given.NonRetryableErrorTypes.Count > 0 ? given.NonRetryableErrorTypes : NonRetryableErrorTypes);
    }

    public RetrySettings ToSettings() => new()
    {
        MaxAttempts = MaxAttempts,
        MaxDeliveries = MaxDeliveries,
        InitialBackoff = InitialBackoff,
        Multiplier = Multiplier,
        MaxBackoff = MaxBackoff,
        Jitter = Jitter,
        NonRetryableErrorTypes = NonRetryableErrorTypes,
    };

    /// <summary>The delay after this many failed attempts, before its random part.</summary>
    public TimeSpan BackoffAfter(int failedAttempts)
    {
        var ticks = InitialBackoff.Ticks * Math.Pow(Multiplier, failedAttempts - 1);
        return ticks >= MaxBackoff.Ticks ? MaxBackoff : TimeSpan.FromTicks((long)ticks);
    }
}

/// <summary>A task's limits, every default filled in. Tasks that bring none of their own share their queue's.</summary>
internal sealed record TaskPlan(
    RetryPlan Retry, TimeSpan? Timeout, TimeSpan? SoftTimeout, TimeSpan Grace, TimeSpan? QueueTimeout,
    TimeSpan ResultTtl)
{
    public static readonly TaskPlan Default =
        new(RetryPlan.Default, null, null, TimeSpan.FromSeconds(5), null, TimeSpan.FromHours(1));

    public TaskPlan With(TaskSubmission task)
    {
        if (task.Retry is null && task.Timeout is null && task.SoftTimeout is null && task.Grace is null &&
            task.QueueTimeout is null && task.ResultTtl is null)
        {
            return this;
        }

        return new TaskPlan(
            Retry.With(task.Retry), task.Timeout ?? Timeout, task.SoftTimeout, task.Grace ?? Grace, task.QueueTimeout,
            task.ResultTtl ?? ResultTtl);
    }
}
