using Queued.Protocol.V1;

namespace Queued.Client.Tests;

/// <summary>Results in shared memory that are read where they are, with a file of the test as a segment.</summary>
public sealed class InPlaceResultTests : IDisposable
{
    private const ulong Segment = 5;
    private static readonly byte[] Bytes = [.. Enumerable.Range(0, 100).Select(number => (byte)number)];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-in-place-");

    public InPlaceResultTests() => File.WriteAllBytes(Path.Combine(_directory.FullName, $"{Segment}"), Bytes);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_result_is_read_where_it_is_and_its_segment_is_given_back_afterwards()
    {
        await using var daemon = await StartAsync();
        await using var client = daemon.Connect();
        ReadOnlyMemory<byte> kept = default;
        var wasClosed = true;
        ScriptedStream? stream = null;
        var running = client.RunAsync("h", TaskPayload.Empty, result =>
        {
            kept = result.Data;
            wasClosed = IsClosed(stream!);
            return result.Data.Span.SequenceEqual(Bytes.AsSpan(10, 20));
        });
        stream = await daemon.AcceptAsync();

        await EndAsync(stream);

        Assert.True(await running);
        Assert.False(wasClosed);
        await stream.Until(() => IsClosed(stream), "that the segment is read");
        Assert.Throws<ObjectDisposedException>(() => kept.Span[0]);
    }

    [Fact]
    public async Task A_result_that_the_caller_keeps_is_a_copy()
    {
        await using var daemon = await StartAsync();
        await using var client = daemon.Connect();
        var running = client.RunAsync("h", TaskPayload.Empty);
        var stream = await daemon.AcceptAsync();

        await EndAsync(stream);

        var result = await running;
        await stream.Until(() => IsClosed(stream), "that the segment is read");
        Assert.True(result.Data.Span.SequenceEqual(Bytes.AsSpan(10, 20)));
    }

    [Fact]
    public async Task A_segment_is_given_back_when_its_reader_throws()
    {
        await using var daemon = await StartAsync();
        await using var client = daemon.Connect();
        var running = client.RunAsync<int>(
            "h", TaskPayload.Empty, _ => throw new InvalidOperationException("unreadable"));
        var stream = await daemon.AcceptAsync();

        await EndAsync(stream);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => running);
        Assert.Equal("unreadable", error.Message);
        await stream.Until(() => IsClosed(stream), "that the segment is read");
    }

    [Fact]
    public async Task A_segment_is_given_back_when_its_reader_has_gone()
    {
        await using var daemon = await StartAsync();
        await using var client = daemon.Connect();
        using var gone = new CancellationTokenSource();
        var running = client.RunAsync("h", TaskPayload.Empty, _ => 0, cancellationToken: gone.Token);
        var stream = await daemon.AcceptAsync();
        await stream.AckAsync(await stream.SubmissionAsync(), 7);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        await EndAsync(stream);

        await stream.Until(() => IsClosed(stream), "that the segment is needed no more");
    }

    [Fact]
    public async Task What_came_in_a_message_is_read_there()
    {
        await using var daemon = await StartAsync();
        await using var client = daemon.Connect();
        var running = client.RunAsync("h", TaskPayload.Empty, result => result.ReadText());
        var stream = await daemon.AcceptAsync();

        await stream.RunAsync(await stream.SubmissionAsync(), "short");

        Assert.Equal("short", await running);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public async Task What_was_read_too_long_after_the_end_of_its_connection_is_not_given(int seconds, bool isGiven)
    {
        await using var daemon = await StartAsync();
        var clock = new ClockAhead();
        await using var client = daemon.Connect(clock: clock);
        using var isLost = new SemaphoreSlim(0);
        var running = client.RunAsync("h", TaskPayload.Empty, _ =>
        {
            Assert.True(isLost.Wait(ScriptedStream.Patience));
            return 1;
        });
        await EndAsync(await daemon.AcceptAsync());
        await client.DisposeAsync();
        clock.Ahead = TimeSpan.FromSeconds(seconds);
        isLost.Release();

        if (isGiven)
        {
            Assert.Equal(1, await running);
            return;
        }

        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => running);
        Assert.Equal("CONNECTION_LOST", error.Reason);
    }

    [Fact]
    public async Task What_reads_a_result_must_not_be_async()
    {
        await using var daemon = await StartAsync();
        await using var client = daemon.Connect();

        await Assert.ThrowsAsync<ArgumentException>(
            "read", () => client.RunAsync("h", TaskPayload.Empty, _ => Task.FromResult(1)));
        await Assert.ThrowsAsync<ArgumentException>(
            "read", () => client.RunAsync("h", TaskPayload.Empty, _ => ValueTask.FromResult(1)));
    }

    private async Task<ScriptedDaemon> StartAsync()
    {
        var daemon = await ScriptedDaemon.StartAsync();
        daemon.SegmentDirectory = _directory.FullName;
        return daemon;
    }

    private static async Task EndAsync(ScriptedStream stream) => await stream.OutcomeAsync(new Protocol.V1.TaskOutcome
    {
        Tag = (await stream.SubmissionAsync()).Tag,
        TaskId = 7,
        State = Protocol.V1.TaskState.Succeeded,
        Result = new Payload { Segment = new SegmentRange { SegmentId = Segment, Offset = 10, Length = 20 } },
        Attempt = 1,
    });

    private sealed class ClockAhead : TimeProvider
    {
        private long _ahead;

        public TimeSpan Ahead
        {
            set => Interlocked.Exchange(ref _ahead, (long)(value.TotalSeconds * TimestampFrequency));
        }

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _ahead);
    }

    private static bool IsClosed(ScriptedStream stream) =>
        stream.Requests.Any(request => request.CloseSegmentIds.Contains(Segment));
}
