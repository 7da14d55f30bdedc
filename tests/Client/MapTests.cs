using Queued.Protocol.V1;

namespace Queued.Client.Tests;

public sealed class MapTests
{
    private static readonly MapOptions OneByOne = new() { ChunkSize = 1 };

    [Fact]
    public async Task Results_come_in_the_order_of_the_inputs()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapAsync<int, int>("square", Enumerable.Range(0, 20), OneByOne).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 20, "20 submissions");
        foreach (var submission in stream.Submissions.Reverse())
            await stream.RunAsync(submission, Square(submission));
        Assert.Equal(Enumerable.Range(0, 20).Select(n => n * n), await mapping);
    }

    [Fact]
    public async Task Unordered_results_come_as_they_are_ready()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        await using var results = client
            .MapAsync<int, int>(
                "square", Enumerable.Range(0, 20), OneByOne with { Ordered = false }).GetAsyncEnumerator();
        var next = results.MoveNextAsync();
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 20, "20 submissions");
        foreach (var submission in stream.Submissions.Reverse())
        {
            await stream.RunAsync(submission, Square(submission));
            Assert.True(await next);
            Assert.Equal(int.Parse(Square(submission), null), results.Current);
            next = results.MoveNextAsync();
        }

        Assert.False(await next);
    }

    [Fact]
    public async Task Tasks_of_a_map_are_not_kept_and_want_their_outcomes()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var options = OneByOne with { Submit = new SubmitOptions { Queue = "math", Priority = 3 } };
        var mapping = client.MapAsync<int, int>("square", [5], options).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        Assert.Equal(("math", 3, false), (submission.Task.Queue, submission.Task.Priority, submission.WithoutOutcome));
        Assert.Equal(TimeSpan.Zero, submission.Task.ResultTtl.ToTimeSpan());
        await stream.RunAsync(submission, "25");
        Assert.Equal([25], await mapping);
    }

    [Fact]
    public async Task No_more_inputs_are_read_than_the_window_holds_until_results_are_taken()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var read = 0;
        var inputs = Enumerable.Range(0, 1000).Select(n =>
        {
            read++;
            return n;
        });
        await using var results = client.MapAsync<int, int>(
            "square", inputs, OneByOne with { Window = 10 }).GetAsyncEnumerator();
        var next = results.MoveNextAsync();
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 10, "a window of submissions");
        await stream.PlayWorkerAsync((daemon, submission) => daemon.RunAsync(submission, Square(submission)));
        Assert.True(await next);
        Assert.InRange(read, 10, 11);
        for (var taken = 1; taken < 1000; taken++)
        {
            Assert.True(await results.MoveNextAsync());
            Assert.InRange(read - taken, 0, 10);
        }

        Assert.False(await results.MoveNextAsync());
    }

    [Fact]
    public async Task The_first_input_that_fails_ends_the_map_and_cancels_the_rest()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var taken = new List<int>();
        var mapping = Task.Run(async () =>
        {
            await foreach (var result in client.MapAsync<int, int>("square", Enumerable.Range(0, 5), OneByOne))
                taken.Add(result);
        });
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 5, "5 submissions");
        var submissions = stream.Submissions;
        foreach (var submission in submissions)
            await stream.AckAsync(submission, 100 + submission.Tag);
        await stream.SucceedAsync(submissions[0].Tag, 100 + submissions[0].Tag, "0");
        await stream.FailAsync(
            submissions[1].Tag,
            100 + submissions[1].Tag,
            new Failure { Kind = Protocol.V1.FailureKind.Error, Message = "no", ErrorType = "E" });

        var error = await Assert.ThrowsAsync<TaskFailedException>(() => mapping);
        Assert.Equal("E", error.Failure!.ErrorType);
        Assert.Equal([0], taken);
        await stream.Until(() => stream.Cancels.Count == 3, "3 cancels");
        Assert.Equal(
            submissions.Skip(2).Select(submission => 100 + submission.Tag).Order(),
            stream.Cancels.Select(cancel => cancel.TaskId).Order());
    }

    [Fact]
    public async Task Results_with_errors_stand_beside_their_inputs()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapResultsAsync<int, int>("square", [1, 2, 3], OneByOne).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync((daemon, submission) => submission.Task.Payload.Data.ToStringUtf8() == "2"
            ? daemon.RunAsync(submission, new Failure { Kind = Protocol.V1.FailureKind.Error, Message = "odd" })
            : daemon.RunAsync(submission, Square(submission)));
        var results = await mapping;
        Assert.Equal([0L, 1L, 2L], results.Select(result => result.Index));
        Assert.Equal([1, 2, 3], results.Select(result => result.Input));
        Assert.Equal([true, false, true], results.Select(result => result.IsSuccess));
        Assert.Equal((1, 9), (results[0].Output, results[2].Output));
        Assert.IsType<TaskFailedException>(results[1].Error);
        Assert.Throws<TaskFailedException>(() => results[1].Output);
    }

    [Fact]
    public async Task A_result_that_cannot_be_read_stands_beside_its_input_as_an_error()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapResultsAsync<int, int>("square", [1, 2, 3], OneByOne).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync((daemon, submission) => submission.Task.Payload.Data.ToStringUtf8() == "2"
            ? daemon.RunAsync(submission, "four", "text/plain")
            : daemon.RunAsync(submission, Square(submission)));
        var results = await mapping;
        Assert.Equal([true, false, true], results.Select(result => result.IsSuccess));
        var error = Assert.IsType<UnreadableResultException>(results[1].Error);
        Assert.Equal(("RESULT_UNREADABLE", false), (error.Reason, error.IsTransient));
        Assert.IsAssignableFrom<System.Text.Json.JsonException>(error.InnerException);
    }

    [Fact]
    public async Task To_leave_the_loop_cancels_what_is_under_way_and_reads_no_more()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var disposed = new TaskCompletionSource();
        var mapping = Task.Run(async () =>
        {
            await foreach (var result in client.MapAsync<int, int>(
                "square", Endless(disposed), OneByOne with { Window = 8 }))
                return result;
            return -1;
        });
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 8, "a window of submissions");
        foreach (var submission in stream.Submissions)
            await stream.AckAsync(submission, 100 + submission.Tag);
        var first = stream.Submissions[0];
        await stream.SucceedAsync(first.Tag, 100 + first.Tag, "0");
        Assert.Equal(0, await mapping);
        await disposed.Task.WaitAsync(ScriptedStream.Patience);
        await stream.Until(() => stream.Cancels.Count >= 7, "7 cancels");
    }

    [Fact]
    public async Task The_callers_token_ends_the_map()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        using var giveUp = new CancellationTokenSource();
        var mapping = client.MapAsync<int, int>("square", Enumerable.Range(0, 5), OneByOne, giveUp.Token)
            .ToListAsync(CancellationToken.None).AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.Until(() => stream.Submissions.Count == 5, "5 submissions");
        foreach (var submission in stream.Submissions)
            await stream.AckAsync(submission, 100 + submission.Tag);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mapping);
        await stream.Until(() => stream.Cancels.Count == 5, "5 cancels");
    }

    [Fact]
    public async Task An_input_that_cannot_be_read_ends_the_map_after_the_results_before_it()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var inputs = Enumerable.Range(0, 3).Select(n => n < 2 ? n : throw new InvalidDataException("bad line"));
        var taken = new List<int>();
        var mapping = Task.Run(async () =>
        {
            await foreach (var result in client.MapAsync<int, int>("square", inputs, OneByOne))
                taken.Add(result);
        });
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync((daemon, submission) => daemon.RunAsync(submission, Square(submission)));
        await Assert.ThrowsAsync<InvalidDataException>(() => mapping);
        Assert.Equal([0, 1], taken);
    }

    [Fact]
    public async Task An_empty_map_asks_nothing()
    {
        await using var client = new QueuedClient(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" });
        Assert.Empty(await client.MapAsync<int, int>("square", []).ToListAsync());
    }

    [Fact]
    public async Task An_input_that_is_there_does_not_wait_for_one_that_is_not()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var inputs = System.Threading.Channels.Channel.CreateUnbounded<int>();
        await using var results = client
            .MapAsync<int, int>(
                "square", inputs.Reader.ReadAllAsync(), new MapOptions { ChunkSize = 100 }).GetAsyncEnumerator();
        inputs.Writer.TryWrite(3);
        var next = results.MoveNextAsync();
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(
            await stream.SubmissionAsync(), """[{"ok":9}]""", "application/vnd.queued.chunk+json; us=5");
        Assert.True(await next);
        Assert.Equal(9, results.Current);
        inputs.Writer.Complete();
        Assert.False(await results.MoveNextAsync());
    }

    [Fact]
    public async Task A_full_queue_slows_the_map_and_fails_nothing()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapAsync<int, int>("square", Enumerable.Range(0, 50), OneByOne).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        var refusals = 0;
        var full = ScriptedDaemon.Error("QUEUE_FULL", "Full.", retryAfter: TimeSpan.FromMilliseconds(1));
        await stream.PlayWorkerAsync((daemon, submission) => refusals++ < 30
            ? daemon.RefuseAsync(submission, full)
            : daemon.RunAsync(submission, Square(submission)));
        Assert.Equal(Enumerable.Range(0, 50).Select(n => n * n), await mapping);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_001)]
    public async Task A_window_out_of_range_is_refused(int window)
    {
        await using var client = new QueuedClient(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" });
        Assert.Throws<ArgumentException>(
            () => client.MapAsync<int, int>("square", [1], new MapOptions { Window = window }));
    }

    [Fact]
    public async Task An_idempotency_key_is_refused()
    {
        await using var client = new QueuedClient(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" });
        var options = new MapOptions { Submit = new SubmitOptions { IdempotencyKey = "k" } };
        Assert.Throws<ArgumentException>(() => client.MapAsync<int, int>("square", [1], options));
    }

    internal static string Square(Submission submission)
    {
        var number = int.Parse(submission.Task.Payload.Data.ToStringUtf8(), null);
        return (number * number).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static IEnumerable<int> Endless(TaskCompletionSource disposed)
    {
        try
        {
            for (var n = 0; ; n++)
                yield return n;
        }
        finally
        {
            disposed.TrySetResult();
        }
    }
}
