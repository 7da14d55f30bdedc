namespace Queued.Client.Tests;

/// <summary>What the daemon would not take is not sent: a message above its limit would break the stream.</summary>
public sealed class SizeTests
{
    private const int PayloadBytesMax = 1000;

    [Fact]
    public async Task A_payload_above_the_daemons_limit_is_refused_before_it_leaves_and_hurts_no_other_submit()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var large = client.SubmitAsync("large", new TaskPayload(new byte[PayloadBytesMax + 1]));
        var other = client.SubmitAsync("other", new TaskPayload(new byte[PayloadBytesMax]));
        var stream = await daemon.AcceptAsync(payloadBytesMax: PayloadBytesMax);

        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => large);
        Assert.Equal(
            ("PAYLOAD_TOO_LARGE", "task.payload.data", "payload_bytes_max"),
            (error.Reason, error.Field, error.Resource));
        Assert.Contains("1001", error.Message, StringComparison.Ordinal);
        var submission = await stream.SubmissionAsync();
        Assert.Equal("other", submission.Task.Handler);
        await stream.AckAsync(submission, 7);
        Assert.Equal(new TaskId(7), (await other).Id);
    }

    [Fact]
    public async Task A_task_whose_other_fields_fill_a_message_is_refused_as_well()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var submitting = client.RunAsync(new string('h', 4 * PayloadBytesMax), TaskPayload.Empty);
        await daemon.AcceptAsync(payloadBytesMax: PayloadBytesMax);
        var error = await Assert.ThrowsAsync<InvalidRequestException>(() => submitting);
        Assert.Equal(("task", "message_bytes_max"), (error.Field, error.Resource));
    }

    [Fact]
    public async Task A_chunk_above_the_limit_is_sent_input_by_input_and_an_input_above_it_fails_alone()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        string[] inputs = [new('a', 600), new('b', 600), new('c', 1200)];
        var mapping = client.MapResultsAsync<string, int>("length", inputs, new MapOptions { ChunkSize = 3 })
            .ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync(payloadBytesMax: PayloadBytesMax);
        await stream.PlayWorkerAsync((daemon, submission) => daemon.RunAsync(submission, "600"));
        var results = await mapping;
        Assert.Equal([true, true, false], results.Select(result => result.IsSuccess));
        Assert.Equal("PAYLOAD_TOO_LARGE", results[2].Error!.Reason);
    }
}
