using Google.Protobuf;
using Queued.Protocol.V1;
using Queued.Worker.Runtime;

namespace Queued.Worker.Tests;

public sealed class OutboxTests
{
    private static readonly AttemptId One = new(1, 1);
    private static readonly AttemptId Two = new(2, 1);
    private readonly Outbox _outbox = new();

    [Fact]
    public async Task What_piled_up_is_one_message()
    {
        _outbox.AddSettlement(new Settlement { TaskId = 1 }, 1);
        _outbox.AddSettlement(new Settlement { TaskId = 2 }, 1);
        _outbox.AddWait(Two, true);
        var request = await TakeAsync();

        Assert.Equal(2, request.Settlements.Count);
        Assert.Equal(2u, request.Credits);
        Assert.Single(request.Waits);
    }

    [Fact]
    public async Task The_last_progress_of_an_attempt_counts()
    {
        _outbox.AddProgress(One, new Progress { Completed = 1 });
        _outbox.AddProgress(Two, new Progress { Completed = 5 });
        _outbox.AddProgress(One, new Progress { Completed = 2 });
        var request = await TakeAsync();

        var said = request.Progress.Select(progress => (progress.TaskId, progress.Progress.Completed));
        Assert.Equal([(1ul, 2d), (2ul, 5d)], said.Order());
    }

    [Fact]
    public async Task Large_results_are_spread_over_messages()
    {
        var large = new Payload { Data = ByteString.CopyFrom(new byte[600_000]) };
        for (ulong task = 1; task <= 4; task++)
            _outbox.AddSettlement(new Settlement { TaskId = task, Succeeded = large }, 1);

        for (ulong task = 1; task <= 4; task++)
            Assert.Equal(task, Assert.Single((await TakeAsync()).Settlements).TaskId);
    }

    [Fact]
    public async Task It_beats_only_where_nothing_was_said_since_the_last_time()
    {
        _outbox.AddCredits(1);
        await TakeAsync();
        _outbox.Beat();
        _outbox.Beat();
        var request = await TakeAsync();
        Assert.True(request.Heartbeat);
        Assert.Equal(0u, request.Credits);
    }

    [Fact]
    public async Task A_completed_outbox_ends_after_what_is_in_it()
    {
        _outbox.AddCredits(1);
        _outbox.Complete();
        Assert.NotNull(await _outbox.TakeAsync());
        Assert.Null(await _outbox.TakeAsync());
    }

    [Fact]
    public async Task An_extension_is_done_when_it_was_sent()
    {
        var extension = _outbox.AddExtension(One, TimeSpan.FromSeconds(1));
        var message = await _outbox.TakeAsync();
        Assert.False(extension.IsCompleted);
        Assert.Single(message!.Value.Sent).SetResult();
        await extension;
    }

    [Fact]
    public async Task An_extension_fails_with_the_connection()
    {
        var extension = _outbox.AddExtension(One, TimeSpan.FromSeconds(1));
        _outbox.Abort();
        await Assert.ThrowsAsync<InvalidOperationException>(() => extension);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _outbox.AddExtension(One, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task An_extension_fails_with_the_connection_while_it_is_being_sent()
    {
        var extension = _outbox.AddExtension(One, TimeSpan.FromSeconds(1));
        await _outbox.TakeAsync();
        _outbox.Abort();
        await Assert.ThrowsAsync<InvalidOperationException>(() => extension.WaitAsync(ScriptedStream.Patience));
    }

    [Fact]
    public async Task A_flood_of_log_lines_waits_for_the_daemon()
    {
        var line = new string('x', 60_000);
        var flood = Task.Run(() =>
        {
            for (var n = 0; n < 200; n++)
                _outbox.AddLog(One, line);
        });
        var lines = 0;
        while (lines < 200)
        {
            var request = await TakeAsync();
            Assert.InRange(request.CalculateSize(), 1, 1_200_000);
            lines += request.Logs.Count;
        }

        await flood;
    }

    [Fact]
    public async Task A_flood_of_log_lines_ends_with_the_connection()
    {
        var line = new string('x', 60_000);
        var flood = Task.Run(() =>
        {
            for (var n = 0; n < 200; n++)
                _outbox.AddLog(One, line);
        });
        await TakeAsync();
        _outbox.Abort();
        await flood.WaitAsync(ScriptedStream.Patience);
    }

    private async Task<WorkRequest> TakeAsync() => (await _outbox.TakeAsync())!.Value.Request;
}
