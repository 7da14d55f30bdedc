using static Queued.Broker.Tests.Limits.CoreDriver;

namespace Queued.Broker.Tests.Limits;

/// <summary>The limits on what one submit may hold.</summary>
public sealed class TaskLimitTests
{
    private static readonly BrokerLimits Limits = new();

    public static TheoryData<string, string> Fields() => new()
    {
        { nameof(BrokerLimits.NameLengthMax), "handler" },
        { nameof(BrokerLimits.NameLengthMax), "queue" },
        { nameof(BrokerLimits.KeyLengthMax), "idempotency_key" },
        { nameof(BrokerLimits.KeyLengthMax), "concurrency_key" },
        { nameof(BrokerLimits.LabelsMax), "labels" },
        { nameof(BrokerLimits.LabelValueLengthMax), "labels" },
        { nameof(BrokerLimits.ContentTypeLengthMax), "content_type" },
        { nameof(BrokerLimits.AttemptsMax), "max_attempts" },
        { nameof(BrokerLimits.AttemptsMax), "max_deliveries" },
        { nameof(BrokerLimits.NonRetryableErrorTypesMax), "non_retryable_error_types" },
        { nameof(BrokerLimits.TraceContextLengthMax), "tracestate" },
        { nameof(BrokerLimits.DelayMax), "delay" },
        { nameof(BrokerLimits.TimeoutMax), "timeout" },
        { nameof(BrokerLimits.GraceMax), "grace" },
        { nameof(BrokerLimits.TtlMax), "result_ttl" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public void Value_past_its_limit_is_refused_with_the_name_of_the_field(string limit, string field)
    {
        var driver = new CoreDriver(Limits);
        Assert.Null(driver.Submit(With(limit, field, past: 0)).Rejection);
        var result = driver.Submit(With(limit, field, past: 1));
        Assert.Equal(default, result.Id);
        LimitNames.AssertField(field, result.Rejection);
    }

    [Fact]
    public void Payload_past_its_limit_is_refused()
    {
        var driver = new CoreDriver(Limits with { PayloadBytesMax = 10 });
        Assert.Null(driver.Submit(Task() with { Payload = Bytes(10) }).Rejection);
        var rejection = driver.Submit(Task() with { Payload = Bytes(11) }).Rejection;
        Assert.Equal(RejectionReason.PayloadTooLarge, rejection?.Reason);
        LimitNames.AssertNames(nameof(BrokerLimits.PayloadBytesMax), rejection);
    }

    [Fact]
    public void Result_past_the_payload_limit_fails_the_attempt_for_good()
    {
        var driver = new CoreDriver(Limits with { PayloadBytesMax = 10 });
        var task = driver.Submit(Task() with { Retry = new RetrySettings { MaxAttempts = 5 } }).Id;
        var worker = driver.ConnectExternal();
        driver.Settle(worker, new Settlement.Succeeded(new AttemptId(task, 1), Bytes(11)));
        var view = driver.Get(task);
        Assert.NotEqual(TaskState.Succeeded, view.State);
        Assert.NotEqual(TaskState.Running, view.State);
    }

    [Fact]
    public void More_tasks_than_one_submit_may_hold_are_refused_as_one()
    {
        var driver = new CoreDriver(Limits with { SubmitBatchMax = 3 });
        Assert.Equal(3, driver.Submit([Task(), Task(), Task()]).Count);
        var rejection = driver.Refusal(request =>
            new Command.SubmitTasks(request, default, [Task(), Task(), Task(), Task()]));
        LimitNames.AssertNames(nameof(BrokerLimits.SubmitBatchMax), rejection);
    }

    [Fact]
    public void Empty_names_negative_spans_and_two_starts_are_refused()
    {
        var driver = new CoreDriver(Limits);
        LimitNames.AssertField("handler", driver.Submit(Task("")).Rejection);
        LimitNames.AssertField("handler", driver.Submit(Task("no spaces")).Rejection);
        LimitNames.AssertField("queue", driver.Submit(Task() with { Queue = "a/b" }).Rejection);
        LimitNames.AssertField("delay", driver.Submit(Task() with { Delay = TimeSpan.FromTicks(-1) }).Rejection);
        LimitNames.AssertField("timeout", driver.Submit(Task() with { Timeout = TimeSpan.Zero }).Rejection);
        LimitNames.AssertField("priority", driver.Submit(Task() with { Priority = 128 }).Rejection);
        LimitNames.AssertField("priority", driver.Submit(Task() with { Priority = -129 }).Rejection);
        Assert.Null(driver.Submit(Task() with { Priority = -128 }).Rejection);
        Assert.Null(driver.Submit(Task() with { Priority = 127 }).Rejection);
    }

    private static TaskSubmission With(string limit, string field, int past)
    {
        var text = new string('x', Length(limit) + past);
        return (limit, field) switch
        {
            (nameof(BrokerLimits.NameLengthMax), "handler") => Task(text),
            (nameof(BrokerLimits.NameLengthMax), _) => Task() with { Queue = past == 0 ? "default" : text },
            (nameof(BrokerLimits.KeyLengthMax), "idempotency_key") => Task() with { IdempotencyKey = text },
            (nameof(BrokerLimits.KeyLengthMax), _) => Task() with { ConcurrencyKey = text },
            (nameof(BrokerLimits.LabelsMax), _) =>
                Task() with
                {
                    Labels = Enumerable.Range(0, Limits.LabelsMax + past).ToDictionary(n =>
                    $"l{n}", _ => "v")
                },
            (nameof(BrokerLimits.LabelValueLengthMax), _) =>
                Task() with { Labels = new Dictionary<string, string> { ["l"] = text } },
            (nameof(BrokerLimits.ContentTypeLengthMax), _) => Task() with { Payload = new TaskPayload(default, text) },
            (nameof(BrokerLimits.AttemptsMax), "max_attempts") =>
                Task() with { Retry = new RetrySettings { MaxAttempts = Limits.AttemptsMax + past } },
            (nameof(BrokerLimits.AttemptsMax), _) =>
                Task() with { Retry = new RetrySettings { MaxDeliveries = Limits.AttemptsMax + past } },
            (nameof(BrokerLimits.NonRetryableErrorTypesMax), _) => Task() with
            {
                Retry = new RetrySettings
                {
                    NonRetryableErrorTypes = Enumerable.Repeat("T", Limits.NonRetryableErrorTypesMax + past).ToArray(),
                },
            },
            (nameof(BrokerLimits.TraceContextLengthMax), _) => Task() with { Tracestate = text },
            (nameof(BrokerLimits.DelayMax), _) => Task() with { Delay = Limits.DelayMax + TimeSpan.FromTicks(past) },
            (nameof(BrokerLimits.TimeoutMax), _) =>
                Task() with { Timeout = Limits.TimeoutMax + TimeSpan.FromTicks(past) },
            (nameof(BrokerLimits.GraceMax), _) => Task() with { Grace = Limits.GraceMax + TimeSpan.FromTicks(past) },
            _ => Task() with { ResultTtl = Limits.TtlMax + TimeSpan.FromTicks(past) },
        };
    }

    private static int Length(string limit) =>
        typeof(BrokerLimits).GetProperty(limit)!.GetValue(Limits) is int length ? Math.Min(length, 100_000) : 0;
}
