using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using Queued.Daemon.Edge;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

public sealed class OutboxTests
{
    private readonly Outbox<ConnectResponse> _outbox = new(new Format());
    private readonly GatedWriter _writer = new();

    [Fact]
    public async Task What_comes_during_a_write_is_the_next_message()
    {
        var running = _outbox.RunAsync(_writer, default, default);
        Add(1);
        Assert.Single((await _writer.NextAsync()).Acks);
        Add(2);
        Add(3);
        Add(4);
        _writer.Release();
        Assert.Equal([2UL, 3UL, 4UL], (await _writer.NextAsync()).Acks.Select(ack => ack.Tag));
        _outbox.Complete();
        _writer.Release();
        await running;
    }

    [Fact]
    public async Task A_message_holds_no_more_entries_than_allowed()
    {
        for (var i = 1UL; i <= 1500; i++) Add(i);
        var running = _outbox.RunAsync(_writer, default, default);
        Assert.Equal(1024, (await _writer.NextAsync()).Acks.Count);
        _writer.Release();
        Assert.Equal(476, (await _writer.NextAsync()).Acks.Count);
        _outbox.Complete();
        _writer.Release();
        await running;
    }

    [Fact]
    public async Task A_message_ends_with_the_entry_that_fills_it()
    {
        for (var i = 1UL; i <= 4; i++) _outbox.Add(new SubmitAck { Tag = i }, bytes: 200 * 1024);
        var running = _outbox.RunAsync(_writer, default, default);
        Assert.Equal([1UL, 2UL], (await _writer.NextAsync()).Acks.Select(ack => ack.Tag));
        _writer.Release();
        Assert.Equal([3UL, 4UL], (await _writer.NextAsync()).Acks.Select(ack => ack.Tag));
        _outbox.Complete();
        _writer.Release();
        await running;
    }

    [Fact]
    public async Task Outcomes_wait_for_credits_and_acks_do_not()
    {
        for (var i = 1UL; i <= 3; i++) _outbox.AddGated(new TaskOutcome { Tag = i }, 0, givesBack: true);
        Add(9);
        var running = _outbox.RunAsync(_writer, default, default);
        var first = await _writer.NextAsync();
        Assert.Equal([9UL], first.Acks.Select(ack => ack.Tag));
        Assert.Empty(first.Outcomes);
        _writer.Release();

        _outbox.Grant(2);
        var second = await _writer.NextAsync();
        Assert.Equal([1UL, 2UL], second.Outcomes.Select(outcome => outcome.Tag));
        Assert.Equal(2U, second.SubmitCredits);
        _outbox.Complete();
        _writer.Release();
        await running;
    }

    [Fact]
    public async Task Outcomes_that_no_window_bounds_are_counted_until_they_are_written()
    {
        for (var i = 1UL; i <= 3; i++) _outbox.AddGated(new TaskOutcome { Tag = i }, 0, givesBack: i == 1);
        Assert.Equal(2, _outbox.UncountedCount);
        var running = _outbox.RunAsync(_writer, default, default);

        _outbox.Grant(2);
        await _writer.NextAsync();

        Assert.Equal(1, _outbox.UncountedCount);
        _outbox.Complete();
        _writer.Release();
        await running;
    }

    [Fact]
    public async Task Who_causes_entries_waits_while_nobody_reads_them()
    {
        for (var i = 1UL; i <= 20_000; i++) Add(i);
        var waiting = _outbox.WaitForRoomAsync(default).AsTask();
        Assert.False(waiting.IsCompleted);

        var running = _outbox.RunAsync(_writer, default, default);
        for (var i = 0; i < 4; i++)
        {
            await _writer.NextAsync();
            _writer.Release();
        }

        await waiting;
        _outbox.Complete();
        _writer.ReleaseAll();
        await running;
    }

    [Fact]
    public async Task Who_causes_long_entries_waits_however_few_they_are()
    {
        for (var i = 1UL; i <= 5; i++) _outbox.Add(new SubmitAck { Tag = i }, bytes: 4 * 1024 * 1024);
        var waiting = _outbox.WaitForRoomAsync(default).AsTask();
        Assert.False(waiting.IsCompleted);

        var running = _outbox.RunAsync(_writer, default, default);
        await _writer.NextAsync();
        _writer.Release();
        await waiting;
        _outbox.Complete();
        _writer.ReleaseAll();
        await running;
    }

    [Fact]
    public async Task What_waits_for_company_when_it_is_stopped_is_written()
    {
        using var stop = new CancellationTokenSource();
        _outbox.AddLate(new SubmitAck { Tag = 1 }, 0, 0);
        // It does not see what is added late before it is woken, but by another.
        Add(2);
        var running = _outbox.RunAsync(_writer, stop.Token, default);
        Assert.Equal([1UL, 2UL], (await _writer.NextAsync()).Acks.Select(ack => ack.Tag));
        _outbox.AddLate(new SubmitAck { Tag = 3 }, 0, 0);
        await stop.CancelAsync();
        _writer.ReleaseAll();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.True(_writer.TryNext(out var last));
        Assert.Equal(3UL, Assert.Single(last.Acks).Tag);
    }

    [Fact]
    public async Task Also_more_than_one_message_holds_is_written_when_it_is_stopped()
    {
        const int Count = 2500;
        using var stop = new CancellationTokenSource();
        var running = _outbox.RunAsync(_writer, stop.Token, default);
        for (var tag = 1; tag <= Count; tag++) _outbox.AddLate(new SubmitAck { Tag = (ulong)tag }, 0, 0);
        _writer.ReleaseAll();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        var written = 0;
        while (_writer.TryNext(out var message)) written += message.Acks.Count;
        Assert.Equal(Count, written);
    }

    [Fact]
    public async Task A_peer_that_has_gone_when_it_is_stopped_changes_nothing()
    {
        using var stop = new CancellationTokenSource();
        _writer.IsGone = true;
        var running = _outbox.RunAsync(_writer, stop.Token, default);
        _outbox.AddLate(new SubmitAck { Tag = 1 }, 0, 0);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Who_lends_the_writer_a_thread_has_it_back_after_one_message()
    {
        var writer = new TalkativeWriter(_outbox);
        var running = Task.CompletedTask;
        WithoutContext(() =>
        {
            running = _outbox.RunAsync(writer, default, default);
            var turn = new TurnWakes();
            turn.Begin();
            Add(1);
            turn.End();
            writer.CountHere(turn.Run);
        });
        Assert.Equal(1, writer.CountOfLent);
        await running.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task Who_finds_room_for_a_message_does_not_write_the_next_one()
    {
        var writer = new TalkativeWriter(_outbox);
        var running = Task.CompletedTask;
        Add(1);
        WithoutContext(() =>
        {
            var room = writer.HoldFirst();
            running = _outbox.RunAsync(writer, default, default);
            writer.CountHere(room.SetResult);
        });
        Assert.Equal(0, writer.CountOfLent);
        await running.WaitAsync(Eventually.Deadline);
    }

    /// <summary>As the daemon does it: the test's own context would take the writer to another thread.</summary>
    private static void WithoutContext(Action act)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            act();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void Add(ulong tag) => _outbox.Add(new SubmitAck { Tag = tag }, 0);

    private sealed class Format : IOutboxFormat<ConnectResponse>
    {
        public ConnectResponse Create() => new();

        public void Append(ConnectResponse message, object entry)
        {
            if (entry is SubmitAck ack) message.Acks.Add(ack);
            else message.Outcomes.Add((TaskOutcome)entry);
        }

        public void Seal(ConnectResponse message, int entries) => message.SubmitCredits = (uint)entries;
    }

    /// <summary>A peer that reads when it is told to.</summary>
    private sealed class GatedWriter : IAsyncStreamWriter<ConnectResponse>
    {
        private readonly System.Threading.Channels.Channel<ConnectResponse> _messages =
            System.Threading.Channels.Channel.CreateUnbounded<ConnectResponse>();
        private readonly System.Threading.Channels.Channel<bool> _released =
            System.Threading.Channels.Channel.CreateUnbounded<bool>();

        public WriteOptions? WriteOptions { get; set; }

        public bool IsGone { get; set; }

        public async Task WriteAsync(ConnectResponse message)
        {
            if (IsGone) throw new IOException("The peer has gone.");
            _messages.Writer.TryWrite(message);
            await _released.Reader.ReadAsync();
        }

        public Task WriteAsync(ConnectResponse message, CancellationToken cancellationToken) => WriteAsync(message);

        public ValueTask<ConnectResponse> NextAsync() => _messages.Reader.ReadAsync();

        public bool TryNext([NotNullWhen(true)] out ConnectResponse? message) =>
            _messages.Reader.TryRead(out message);

        public void Release() => _released.Writer.TryWrite(true);

        public void ReleaseAll()
        {
            for (var i = 0; i < 100; i++) Release();
        }
    }

    /// <summary>A peer that takes all at once, and about whom there is more to say with each message.</summary>
    private sealed class TalkativeWriter(Outbox<ConnectResponse> outbox) : IAsyncStreamWriter<ConnectResponse>
    {
        private const int Messages = 5;

        private Task _first = Task.CompletedTask;
        private int _written;
        private volatile int _thread;

        public WriteOptions? WriteOptions { get; set; }

        /// <summary>Messages that were written on the thread that was lent, while it was.</summary>
        public int CountOfLent { get; private set; }

        public void CountHere(Action lend)
        {
            _thread = Environment.CurrentManagedThreadId;
            lend();
            _thread = 0;
        }

        /// <summary>The first message waits for it, and whoever says so goes on with the writer.</summary>
        public TaskCompletionSource HoldFirst()
        {
            var held = new TaskCompletionSource();
            _first = held.Task;
            return held;
        }

        public Task WriteAsync(ConnectResponse message)
        {
            if (Environment.CurrentManagedThreadId == _thread) CountOfLent++;
            if (++_written < Messages) outbox.Add(new SubmitAck { Tag = 9 }, 0);
            else outbox.Complete();
            return _written == 1 ? _first : Task.CompletedTask;
        }

        public Task WriteAsync(ConnectResponse message, CancellationToken cancellationToken) => WriteAsync(message);
    }
}
