namespace Queued.Broker.Tests.Model;

/// <summary>A task as the specification speaks of it.</summary>
internal sealed class ModelTask
{
    private const int FailureTextMax = 600;

    public required TaskId Id { get; init; }

    public required ModelQueue Queue { get; init; }

    public required TaskSubmission Given { get; init; }

    public required ModelPlan Plan { get; init; }

    public required bool IsStored { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public TaskId? RetryOf { get; init; }

    public TaskState State { get; set; }

    /// <summary>
    /// Lower runs first within a priority. Tasks that became due in one turn share a number: any of them may be first.
    /// </summary>
    public long Order { get; set; }

    public uint Attempt { get; set; }

    public int Failed { get; set; }

    public int Lost { get; set; }

    public bool CancelRequested { get; set; }

    /// <summary>When SCHEDULED by a delay, or RETRYING.</summary>
    public Instant Due { get; set; } = Instant.Never;

    /// <summary>The same on the wall clock, which a restart goes by; it stays when it has passed.</summary>
    public DateTimeOffset? DueWall { get; set; }

    /// <summary>It was queued because it was due, which is not written.</summary>
    public bool IsDueUnwritten { get; set; }

    /// <summary>RETRYING: the span that the back-off may have; the core says which it drew.</summary>
    public (TimeSpan Low, TimeSpan High)? BackoffRange { get; set; }

    public Instant ExpireAt { get; set; } = Instant.Never;

    public ModelWorker? Worker { get; set; }

    public bool IsBegun { get; set; }

    public bool IsWaiting { get; set; }

    public Instant SoftAt { get; set; } = Instant.Never;

    public Instant HardAt { get; set; } = Instant.Never;

    public Instant StopAt { get; set; } = Instant.Never;

    public bool SoftAsked { get; set; }

    public bool HardPassed { get; set; }

    /// <summary>It was asked to stop, since the daemon does.</summary>
    public bool IsUrged { get; set; }

    /// <summary>Its worker is being stopped for its sake.</summary>
    public bool IsStopped { get; set; }

    public FailureKind? Failure { get; set; }

    public int ResultBytes { get; set; }

    /// <summary>No less than the core counts, which knows the texts of its failures: short ones, here.</summary>
    public long KeptBytesMax => PayloadBytes + ResultBytes + (FailureTextMax * (Attempt + 1L));

    public Instant ForgetAt { get; set; } = Instant.Never;

    public DateTimeOffset EndedWall { get; set; }

    public bool IsDead { get; set; }

    /// <summary>When it ended, as a number that grows.</summary>
    public long EndNumber { get; set; }

    /// <summary>None: nobody, or it is gone.</summary>
    public SessionId Submitter { get; set; }

    public ulong SubmitterTag { get; set; }

    public List<(SessionId Session, ulong Tag, bool EveryChange)> Watchers { get; private set; } = [];

    public int PayloadBytes => Given.Payload.Data.Length;

    public string? Key => Given.ConcurrencyKey;

    public AttemptId AttemptId => new(Id, Attempt);

    public ModelTask Image() => (ModelTask)MemberwiseClone();

    /// <summary>From its image: what was of the daemon alone is gone, its queue's settings are those of now.</summary>
    public ModelTask Restored(ModelQueue queue) => new()
    {
        Id = Id,
        Queue = queue,
        Given = Given,
        Plan = ModelPlan.Of(Given, queue.Settings),
        SubmittedAt = SubmittedAt,
        RetryOf = RetryOf,
        IsStored = true,
        State = State,
        Attempt = Attempt,
        Failed = Failed,
        Lost = Lost,
        CancelRequested = CancelRequested,
        DueWall = DueWall,
        Failure = Failure,
        ResultBytes = ResultBytes,
        EndedWall = EndedWall,
        IsDead = IsDead,
    };

    public bool IsAheadOf(ModelTask other) =>
        Given.Priority != other.Given.Priority ? Given.Priority > other.Given.Priority : Order < other.Order;
}

/// <summary>What applies to a task: its own options, else its queue's, else the defaults.</summary>
internal sealed record ModelPlan
{
    public required int MaxAttempts { get; init; }

    public required int MaxDeliveries { get; init; }

    public required TimeSpan InitialBackoff { get; init; }

    public required double Multiplier { get; init; }

    public required TimeSpan MaxBackoff { get; init; }

    public required double Jitter { get; init; }

    public required IReadOnlyList<string> NonRetryable { get; init; }

    public required TimeSpan? Timeout { get; init; }

    public required TimeSpan Grace { get; init; }

    public required TimeSpan ResultTtl { get; init; }

    public static ModelPlan Of(TaskSubmission task, QueueSettings queue)
    {
        var (own, its) = (task.Retry, queue.Retry);
        return new ModelPlan
        {
            MaxAttempts = First(own?.MaxAttempts, its?.MaxAttempts, 1),
            MaxDeliveries = First(own?.MaxDeliveries, its?.MaxDeliveries, 3),
            InitialBackoff = own?.InitialBackoff ?? its?.InitialBackoff ?? TimeSpan.FromSeconds(1),
            Multiplier = own?.Multiplier is > 0 ? own.Multiplier : its?.Multiplier is > 0 ? its.Multiplier : 2,
            MaxBackoff = own?.MaxBackoff ?? its?.MaxBackoff ?? TimeSpan.FromMinutes(5),
            Jitter = own?.Jitter ?? its?.Jitter ?? 0.2,
            NonRetryable = own?.NonRetryableErrorTypes is { Count: > 0 } types
                ? types
                : its?.NonRetryableErrorTypes ?? [],
            Timeout = task.Timeout ?? queue.Timeout,
            Grace = task.Grace ?? queue.Grace ?? TimeSpan.FromSeconds(5),
            ResultTtl = task.ResultTtl ?? queue.ResultTtl ?? TimeSpan.FromHours(1),
        };
    }

    private static int First(int? own, int? its, int fallback) =>
        own is > 0 ? own.Value : its is > 0 ? its.Value : fallback;
}
