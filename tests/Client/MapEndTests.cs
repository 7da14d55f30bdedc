namespace Queued.Client.Tests;

/// <summary>A map whose client goes away ends; it does not wait for what cannot come.</summary>
public sealed class MapEndTests
{
    private static readonly MapOptions OneByOne = new() { ChunkSize = 1 };

    [Fact]
    public async Task An_input_that_comes_after_its_client_was_disposed_ends_the_map()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var inputs = System.Threading.Channels.Channel.CreateUnbounded<int>();
        await using var results = client
            .MapAsync<int, int>("square", inputs.Reader.ReadAllAsync(), OneByOne).GetAsyncEnumerator();
        inputs.Writer.TryWrite(3);
        var next = results.MoveNextAsync();
        var stream = await daemon.AcceptAsync();
        await stream.RunAsync(await stream.SubmissionAsync(), "9");
        Assert.True(await next);

        await client.DisposeAsync();
        inputs.Writer.TryWrite(4);
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => results.MoveNextAsync().AsTask().WaitAsync(ScriptedStream.Patience));
    }

    [Fact]
    public async Task An_input_that_waits_for_room_in_the_queue_ends_the_map_when_its_client_is_disposed()
    {
        var delay = TimeSpan.FromMilliseconds(321);
        var clock = new HeldClock();
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect(clock: clock);
        var mapping = client.MapAsync<int, int>("square", [3], OneByOne).ToListAsync().AsTask();
        var stream = await daemon.AcceptAsync();
        await stream.RefuseAsync(
            await stream.SubmissionAsync(), ScriptedDaemon.Error("QUEUE_FULL", "Full.", retryAfter: delay));
        await clock.HasAsync(delay);

        await client.DisposeAsync();
        await clock.FireAsync(delay);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => mapping.WaitAsync(ScriptedStream.Patience));
    }
}
