using System.Text;
using Queued.Protocol.V1;

namespace Queued.Client.Tests;

public sealed class SubmitTests
{
    [Fact]
    public async Task A_typed_submit_is_json_and_says_all_that_the_options_say()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitAsync("square", 12, new SubmitOptions
        {
            Queue = "math",
            Priority = -3,
            Delay = TimeSpan.FromSeconds(2),
            Retry = new RetryPolicy { MaxAttempts = 5, Jitter = 0, NonRetryableErrorTypes = ["E"] },
            Timeout = TimeSpan.FromMinutes(1),
            SoftTimeout = TimeSpan.FromSeconds(50),
            Grace = TimeSpan.FromSeconds(1),
            QueueTimeout = TimeSpan.FromHours(1),
            IdempotencyKey = "once",
            IdempotencyTtl = TimeSpan.FromDays(2),
            ConcurrencyKey = "user-7",
            ConcurrencyLimit = 2,
            ResultTtl = TimeSpan.FromSeconds(9),
            Labels = new Dictionary<string, string> { ["color"] = "red" },
        });
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        await stream.AckAsync(submission, 41);
        var task = await submitting;

        Assert.Equal(new TaskId(41), task.Id);
        Assert.False(task.Deduplicated);
        var spec = submission.Task;
        Assert.Equal(("square", "math", -3), (spec.Handler, spec.Queue, spec.Priority));
        Assert.Equal(("12", "application/json"), (spec.Payload.Data.ToStringUtf8(), spec.Payload.ContentType));
        Assert.Equal(TimeSpan.FromSeconds(2), spec.Delay.ToTimeSpan());
        Assert.Equal((5u, 0u), (spec.Retry.MaxAttempts, spec.Retry.MaxDeliveries));
        Assert.True(spec.Retry.HasJitter);
        Assert.Equal(["E"], spec.Retry.NonRetryableErrorTypes);
        Assert.Equal(TimeSpan.FromMinutes(1), spec.Timeout.ToTimeSpan());
        Assert.Equal(TimeSpan.FromSeconds(50), spec.SoftTimeout.ToTimeSpan());
        Assert.Equal(TimeSpan.FromSeconds(1), spec.Grace.ToTimeSpan());
        Assert.Equal(TimeSpan.FromHours(1), spec.QueueTimeout.ToTimeSpan());
        Assert.Equal(("once", TimeSpan.FromDays(2)), (spec.IdempotencyKey.Key, spec.IdempotencyKey.Ttl.ToTimeSpan()));
        Assert.Equal(("user-7", 2u), (spec.ConcurrencyKey.Key, spec.ConcurrencyKey.Limit));
        Assert.Equal(TimeSpan.FromSeconds(9), spec.ResultTtl.ToTimeSpan());
        Assert.Equal("red", spec.Labels["color"]);
    }

    [Fact]
    public async Task The_ack_may_wait_where_the_caller_waits_for_the_result_alone()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitAsync("h", 1);
        var running = client.RunAsync<int, int>("h", 2);
        var stream = await daemon.AcceptAsync();
        await stream.SubmissionAsync(1);
        var batches = stream.Requests.SelectMany(request => request.Submissions).ToList();
        await stream.AckAsync(stream.Submissions.Single(one => one.WithoutOutcome), stream.NextTaskId());
        await stream.RunAsync(stream.Submissions.Single(one => !one.WithoutOutcome), "1");

        Assert.Equal([false, true], batches.OrderBy(batch => batch.AckMayWait).Select(batch => batch.AckMayWait));
        Assert.All(batches, batch => Assert.NotEqual(batch.WithoutOutcome, batch.AckMayWait));
        await submitting;
        await running;
    }

    [Fact]
    public async Task Tasks_that_differ_in_their_priority_alone_go_in_one_batch()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        int[] priorities = [0, 0, 5, -128, 127];
        var running = priorities
            .Select((priority, n) => client.RunAsync<int, int>("h", n, new SubmitOptions { Priority = priority }))
            .ToList();
        var stream = await daemon.AcceptAsync();
        await stream.SubmissionAsync(priorities.Length - 1);
        foreach (var submission in stream.Submissions) await stream.RunAsync(submission, "1");

        var batch = Assert.Single(stream.Requests.SelectMany(request => request.Submissions));
        Assert.Equal(priorities, stream.Submissions.Select(submission => submission.Task.Priority));
        Assert.Equal(0, batch.Task.Priority);
        await Task.WhenAll(running);
    }

    [Theory]
    [MemberData(nameof(OtherOptions))]
    public async Task Tasks_that_differ_in_another_option_go_in_batches_of_their_own(string option)
    {
        var other = new SubmitOptions { Priority = 1 };
        var property = typeof(SubmitOptions).GetProperty(option)!;
        property.SetValue(other, ValueOf(property.PropertyType));
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var first = client.SubmitAsync("h", 1, new SubmitOptions());
        var second = client.SubmitAsync("h", 2, other);
        var stream = await daemon.AcceptAsync();
        await stream.SubmissionAsync(1);
        foreach (var submission in stream.Submissions) await stream.AckAsync(submission, stream.NextTaskId());

        Assert.Equal(2, stream.Requests.Sum(request => request.Submissions.Count));
        await Task.WhenAll(first, second);
    }

    public static TheoryData<string> OtherOptions() =>
    [
        .. typeof(SubmitOptions).GetProperties().Where(property => property is { CanWrite: true, Name: not "Priority" })
            .Select(property => property.Name),
    ];

    private static object ValueOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var text when text == typeof(string) => "x",
        var span when span == typeof(TimeSpan) => TimeSpan.FromSeconds(7),
        var time when time == typeof(DateTimeOffset) => new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
        var number when number == typeof(int) => 7,
        var retry when retry == typeof(RetryPolicy) => new RetryPolicy { MaxAttempts = 2 },
        var labels when labels == typeof(IReadOnlyDictionary<string, string>) =>
            new Dictionary<string, string> { ["a"] = "b" },
        var other => throw new NotSupportedException(other.Name),
    };

    [Fact]
    public async Task Tasks_of_one_priority_say_it_once()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var options = new SubmitOptions { Priority = 7 };
        var running = Enumerable.Range(0, 3).Select(n => client.RunAsync<int, int>("h", n, options)).ToList();
        var stream = await daemon.AcceptAsync();
        await stream.SubmissionAsync(2);
        foreach (var submission in stream.Submissions) await stream.RunAsync(submission, "1");

        var batch = Assert.Single(stream.Requests.SelectMany(request => request.Submissions));
        Assert.Equal(7, batch.Task.Priority);
        Assert.Empty(batch.Priorities);
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task What_is_not_set_is_left_to_the_daemon()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitAsync("raw", new TaskPayload(Encoding.UTF8.GetBytes("abc"), "text/plain"));
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        await stream.AckAsync(submission, 1, deduplicated: true);

        Assert.True((await submitting).Deduplicated);
        Assert.Equal(
            new TaskSpec
            {
                Handler = "raw",
                Payload =
                    new Payload { Data = Google.Protobuf.ByteString.CopyFromUtf8("abc"), ContentType = "text/plain" },
            },
            submission.Task);
    }

    [Fact]
    public async Task Submits_that_come_while_there_are_no_credits_leave_together_when_there_are()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submits = Enumerable.Range(0, 100).Select(n => client.SubmitAsync("square", n)).ToList();
        var stream = await daemon.AcceptAsync(credits: 0);
        Assert.Empty(stream.Submissions);

        await stream.SendAsync(new ConnectResponse { SubmitCredits = 60 });
        await stream.Until(() => stream.Submissions.Count == 60, "60 submissions");
        Assert.Single(stream.Requests, request => request.Submissions.Count > 0);

        await stream.SendAsync(new ConnectResponse { SubmitCredits = 100 });
        await stream.Until(() => stream.Submissions.Count == 100, "100 submissions");
        Assert.Equal(2, stream.Requests.Count(request => request.Submissions.Count > 0));
        foreach (var submission in stream.Submissions)
            await stream.AckAsync(submission, submission.Tag + 1000);
        await Task.WhenAll(submits);
        Assert.Equal(100, stream.Submissions.Select(submission => submission.Tag).Distinct().Count());
    }

    [Fact]
    public async Task Tasks_that_run_long_do_not_keep_the_last_credits_from_submits_that_want_an_ack_alone()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var runs = Enumerable.Range(0, 20).Select(n => client.RunAsync<int, int>("slow", n)).ToList();
        var stream = await daemon.AcceptAsync(credits: 16);
        await stream.Until(() => stream.Submissions.Count == 14, "all but the reserve");

        var submitting = client.SubmitAsync("quick", 1);
        var quick = await stream.SubmissionAsync(14);
        Assert.Equal("quick", quick.Task.Handler);
        Assert.True(quick.WithoutOutcome);
        await stream.AckAsync(quick, 99);
        await submitting;

        await stream.PlayWorkerAsync((daemon, submission) =>
            submission.WithoutOutcome ? Task.CompletedTask : daemon.RunAsync(submission, "1"));
        await Task.WhenAll(runs);
    }

    [Fact]
    public async Task A_refused_submit_is_the_exception_of_its_reason()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var bad = client.SubmitAsync("square", 1);
        var full = client.SubmitAsync("square", 2);
        var stream = await daemon.AcceptAsync();
        await stream.RefuseAsync(
            await stream.SubmissionAsync(0), ScriptedDaemon.Error("INVALID_REQUEST", "No.", "task.handler"));
        await stream.RefuseAsync(
            await stream.SubmissionAsync(1),
            ScriptedDaemon.Error("QUEUE_FULL", "Full.", retryAfter: TimeSpan.FromSeconds(3)));

        var invalid = await Assert.ThrowsAsync<InvalidRequestException>(() => bad);
        Assert.Equal(("INVALID_REQUEST", "task.handler", false), (invalid.Reason, invalid.Field, invalid.IsTransient));
        Assert.Equal("No.", invalid.Message);
        var capacity = await Assert.ThrowsAsync<CapacityExceededException>(() => full);
        Assert.Equal(TimeSpan.FromSeconds(3), capacity.RetryAfter);
        Assert.True(capacity.IsTransient);
    }

    [Fact]
    public async Task Of_many_each_is_taken_or_refused_by_itself()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.SubmitManyAsync("square", [1, 2, 3]);
        var stream = await daemon.AcceptAsync();
        await stream.AckAsync(await stream.SubmissionAsync(0), 11);
        await stream.RefuseAsync(await stream.SubmissionAsync(1), ScriptedDaemon.Error("QUEUE_DRAINING", "No more."));
        await stream.AckAsync(await stream.SubmissionAsync(2), 13);

        var results = await submitting;
        Assert.Equal(new TaskId(11), results[0].GetTask().Id);
        Assert.IsType<PreconditionFailedException>(results[1].Error);
        Assert.Throws<PreconditionFailedException>(() => results[1].GetTask());
        Assert.Equal(new TaskId(13), results[2].Task!.Id);
    }

    [Fact]
    public async Task A_submit_that_was_given_up_before_it_left_never_leaves()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        using var giveUp = new CancellationTokenSource();
        var given = client.SubmitAsync("given-up", 1, cancellationToken: giveUp.Token);
        var stream = await daemon.AcceptAsync(credits: 0);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);

        var kept = client.SubmitAsync("kept", 1);
        await stream.SendAsync(new ConnectResponse { SubmitCredits = 8 });
        var submission = await stream.SubmissionAsync();
        Assert.Equal("kept", submission.Task.Handler);
        await stream.AckAsync(submission, 1);
        await kept;
    }

    [Fact]
    public async Task A_submit_that_is_not_answered_in_time_fails_as_transient()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(timeout: TimeSpan.FromMilliseconds(200));
        var submitting = client.SubmitAsync("square", 1);
        await daemon.AcceptAsync(credits: 0);
        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => submitting);
        Assert.Equal("DEADLINE_EXCEEDED", error.Reason);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Two_starts_are_refused_before_anything_is_sent()
    {
        await using var client = new QueuedClient(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" });
        var options = new SubmitOptions { Delay = TimeSpan.FromSeconds(1), RunAt = DateTimeOffset.UnixEpoch };
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => client.SubmitAsync("square", 1, options));
        Assert.Equal("task.run_at", error.Field);
    }

    [Fact]
    public async Task Without_a_daemon_a_submit_fails_at_once_and_says_where_it_looked()
    {
        await using var client = new QueuedClient(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" });
        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => client.SubmitAsync("square", 1));
        Assert.Contains("unix:/nowhere/q.sock", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DaemonUnavailableException>(
            () => QueuedClient.ConnectAsync(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" }));
    }
}
