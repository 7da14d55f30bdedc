using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>What a mapped segment asks the daemon for.</summary>
public sealed class SegmentTests : SessionTests, IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public SegmentTests() => File.WriteAllBytes(_file, new byte[8192]);

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_resize_that_was_sent_is_seen_to_its_end_whatever_its_token_says()
    {
        var creating = Client.Memory.CreateAsync("seen", 8192);
        var create = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(new SessionResult
        {
            Tag = create.Tag,
            CreateSegment = new() { Segment = new() { SegmentId = 3, Name = "seen", Path = _file, SizeBytes = 8192 } },
        });
        var segment = await creating.WaitAsync(Patience);
        using var cancel = new CancellationTokenSource();
        var resizing = segment.ResizeAsync(4096, cancel.Token);
        var resize = Assert.Single(await Daemon.OperationsAsync(1));

        await cancel.CancelAsync();

        // It is refused, so all of it is there, and is seen. Nothing called it off.
        var unlinking = segment.UnlinkAsync();
        var next = await Daemon.NextAsync();
        Assert.Empty(next.CancelTags);
        await Daemon.AnswerAsync(
            new SessionResult { Tag = resize.Tag, Error = ScriptedDaemon.Error("SEGMENT_IN_USE", "Others use it.") },
            new SessionResult { Tag = Assert.Single(next.Operations).Tag, UnlinkSegment = new() });
        await Assert.ThrowsAnyAsync<QueuedException>(() => resizing.WaitAsync(Patience));
        await unlinking.WaitAsync(Patience);
        Assert.Equal(8192, segment.Length);
    }
}
