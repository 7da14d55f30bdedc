using System.Text.Json;
using Queued.Protocol.V1;

namespace Queued.Client.Tests;

public sealed class ChunkTests
{
    private const string Chunk = "application/vnd.queued.chunk+json";

    [Fact]
    public async Task Chunks_grow_only_after_the_worker_says_that_it_reads_them()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapAsync<int, int>("square", Enumerable.Range(0, 20_000)).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync(PlayChunksAsync);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(n => n * n), await mapping);

        Assert.Equal("application/json; chunks=1", stream.Submissions[0].Task.Payload.ContentType);
        Assert.Contains(stream.Submissions, submission => Inputs(submission).Length > 100);
        Assert.All(stream.Submissions, submission => Assert.InRange(Inputs(submission).Length, 1, 16_384 / 4));
    }

    [Fact]
    public async Task A_worker_that_does_not_know_chunks_gets_its_inputs_one_by_one()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapAsync<int, int>("square", Enumerable.Range(0, 1000)).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync((daemon, submission) => daemon.RunAsync(submission, MapTests.Square(submission)));
        Assert.Equal(Enumerable.Range(0, 1000).Select(n => n * n), await mapping);
        Assert.Equal(1000, stream.Submissions.Count);
    }

    [Theory]
    [InlineData("rejected")]
    [InlineData("taken for an input")]
    public async Task A_chunk_that_a_worker_cannot_read_is_sent_again_input_by_input(string how)
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapAsync<int, int>("square", Enumerable.Range(0, 30), new MapOptions { ChunkSize = 10 })
            .ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync((daemon, submission) => submission.Task.Payload.ContentType != Chunk
            ? daemon.RunAsync(submission, MapTests.Square(submission))
            : how == "rejected"
                ? daemon.RunAsync(
                    submission, new Failure { Kind = Protocol.V1.FailureKind.Rejected, Message = "not an int" })
                : daemon.RunAsync(submission, "0"));
        Assert.Equal(Enumerable.Range(0, 30).Select(n => n * n), await mapping);
        Assert.InRange(stream.Submissions.Count(submission => submission.Task.Payload.ContentType == Chunk), 1, 3);
    }

    [Theory]
    [InlineData("""[{"ok":1},{"ok":"two"},{"ok":{"x":[1]}},{"ok":4}]""", "yes no no yes")]
    [InlineData("""[{"ok":1},{"ok":2},{"fine":3},{"ok":4}]""", "yes yes no no")]
    [InlineData("""[{"ok":1},{"error":{"delay_us":"soon"}}]""", "yes no no no")]
    [InlineData("""[{"ok":1},{"ok":2}""", "yes yes no no")]
    [InlineData("""[ 1,2,3,4]""", "no no no no")]
    [InlineData("""[1,2,3,4]""", "yes yes yes yes")]
    [InlineData("""[1,"two",{"x":[1]},4]""", "yes no no yes")]
    [InlineData("""[1,2,""", "yes yes no no")]
    [InlineData("""{"ok":1}""", "no no no no")]
    [InlineData("", "no no no no")]
    public async Task Of_a_chunk_whose_result_is_broken_what_can_be_read_counts(string json, string expected)
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapResultsAsync<int, int>("square", [1, 2, 3, 4], new MapOptions { ChunkSize = 4 })
            .ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(await stream.SubmissionAsync(), json, json.StartsWith("[1", StringComparison.Ordinal)
            ? Chunk + "; plain=1"
            : Chunk);
        var results = await mapping;
        Assert.Equal(expected, string.Join(' ', results.Select(result => result.IsSuccess ? "yes" : "no")));
        Assert.All(
            results.Where(result => !result.IsSuccess),
            result => Assert.IsType<UnreadableResultException>(result.Error));
    }

    [Fact]
    public async Task A_chunk_with_more_results_than_inputs_ends_the_map()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapResultsAsync<int, int>("square", [1, 2], new MapOptions { ChunkSize = 2 })
            .ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(await stream.SubmissionAsync(), """[{"ok":1},{"ok":2},{"ok":3}]""", Chunk);
        await Assert.ThrowsAsync<UnreadableResultException>(() => mapping);
    }

    [Fact]
    public async Task An_input_that_fails_in_a_chunk_fails_alone()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapResultsAsync<int, int>("square", [1, 2, 3], new MapOptions { ChunkSize = 3 })
            .ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(
            await stream.SubmissionAsync(),
            """[{"ok":1},{"error":{"kind":"ERROR","type":"E","message":"two","detail":"at F","more":[1]}},{"ok":9}]""",
            Chunk);
        var results = await mapping;
        Assert.Equal((1, 9), (results[0].Output, results[2].Output));
        var error = Assert.IsType<TaskFailedException>(results[1].Error);
        Assert.Equal(("E", "two", "at F"), (error.Failure!.ErrorType, error.Failure.Message, error.Failure.Detail));
        Assert.Equal(TaskState.Failed, error.Outcome.State);
    }

    [Fact]
    public async Task An_input_that_fails_in_a_chunk_uses_the_attempts_it_has_left_alone()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var retry = new RetryPolicy { MaxAttempts = 4, InitialBackoff = TimeSpan.FromSeconds(7) };
        var options = new MapOptions { ChunkSize = 3, Submit = new SubmitOptions { Retry = retry } };
        var mapping = client.MapAsync<int, int>("square", [1, 2, 3], options).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(
            await stream.SubmissionAsync(),
            """[{"ok":1},{"error":{"kind":"ERROR","type":"E","message":"two"}},{"ok":9}]""",
            Chunk);
        var alone = await stream.SubmissionAsync(1);
        var spec = alone.Task;
        Assert.Equal("2", spec.Payload.Data.ToStringUtf8());
        Assert.Equal(3u, spec.Retry.MaxAttempts);
        Assert.Equal(TimeSpan.FromSeconds(7), spec.Delay.ToTimeSpan());
        await stream.RunAsync(alone, "4");
        Assert.Equal([1, 4, 9], await mapping);
    }

    [Theory]
    [InlineData("""{"kind":"REJECTED","type":"E","message":"no"}""")]
    [InlineData("""{"kind":"ERROR","type":"E","message":"no","non_retryable":true}""")]
    [InlineData("""{"kind":"ERROR","type":"Listed","message":"no"}""")]
    public async Task An_input_that_must_not_be_tried_again_is_not(string error)
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var retry = new RetryPolicy { MaxAttempts = 4, NonRetryableErrorTypes = ["Listed"] };
        var options = new MapOptions { ChunkSize = 2, Submit = new SubmitOptions { Retry = retry } };
        var mapping = client.MapResultsAsync<int, int>("square", [1, 2], options).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(await stream.SubmissionAsync(), $$"""[{"ok":1},{"error":{{error}}}]""", Chunk);
        var results = await mapping;
        Assert.False(results[1].IsSuccess);
        Assert.Single(stream.Submissions);
    }

    [Fact]
    public async Task Inputs_of_a_chunk_that_killed_its_workers_are_tried_one_by_one()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapResultsAsync<int, int>("square", [1, 2, 3], new MapOptions { ChunkSize = 3 })
            .ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        var death = new Failure { Kind = Protocol.V1.FailureKind.Signal, Signal = 11 };
        await stream.PlayWorkerAsync((daemon, submission) =>
            submission.Task.Payload.ContentType == Chunk || submission.Task.Payload.Data.ToStringUtf8() == "2"
                ? daemon.RunAsync(submission, death)
                : daemon.RunAsync(submission, MapTests.Square(submission)));
        var results = await mapping;
        Assert.Equal([true, false, true], results.Select(result => result.IsSuccess));
        Assert.Equal(11, ((TaskFailedException)results[1].Error!).Failure!.Signal);
    }

    [Fact]
    public async Task Inputs_that_a_worker_left_out_are_sent_again()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var mapping = client.MapAsync<int, int>("square", [1, 2, 3], new MapOptions { ChunkSize = 3 })
            .ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync((daemon, submission) => submission.Task.Payload.ContentType == Chunk
            ? daemon.RunAsync(submission, """[{"ok":1}]""", Chunk)
            : daemon.RunAsync(submission, MapTests.Square(submission)));
        Assert.Equal([1, 4, 9], await mapping);
        Assert.Equal(3, stream.Submissions.Count);
    }

    [Fact]
    public async Task With_a_timeout_every_input_has_a_task_of_its_own()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var options = new MapOptions { Submit = new SubmitOptions { Timeout = TimeSpan.FromSeconds(1) } };
        var mapping = client.MapAsync<int, int>("square", Enumerable.Range(0, 3000), options).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.PlayWorkerAsync(PlayChunksAsync);
        Assert.Equal(3000, (await mapping).Count);
        Assert.Equal(3000, stream.Submissions.Count);
    }

    /// <summary>A worker that reads chunks and takes a microsecond for an input.</summary>
    private static Task PlayChunksAsync(ScriptedStream daemon, Submission submission)
    {
        if (submission.Task.Payload.ContentType != Chunk)
            return daemon.RunAsync(submission, MapTests.Square(submission), "application/json; chunks=1; us=1");
        var inputs = Inputs(submission);
        var results = string.Join(',', inputs.Select(input => $$"""{"ok":{{input * input}}}"""));
        return daemon.RunAsync(submission, $"[{results}]", $"{Chunk}; us={inputs.Length}");
    }

    private static int[] Inputs(Submission submission)
    {
        var json = submission.Task.Payload.Data.ToStringUtf8();
        return submission.Task.Payload.ContentType == Chunk
            ? JsonSerializer.Deserialize<int[]>(json)!
            : [int.Parse(json, null)];
    }
}
