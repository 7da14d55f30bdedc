using Queued.Client;
using Queued.EndToEnd.Tests.Faults;
using Queued.EndToEnd.Tests.Pipes;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>Processes that wait for the first of queues, events, pipes and tasks, and some that die.</summary>
public sealed class WaitAnyTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static int _names;

    private readonly string _name = $"any-{Interlocked.Increment(ref _names)}";

    private FaultDaemon Daemon => shared.Daemon;

    private QueuedClient Client => shared.Daemon.Client;

    [Fact]
    public async Task All_that_wait_for_a_queue_are_told_and_who_comes_too_late_waits_again()
    {
        await using var one = SharingProcess.Start(Daemon);
        await using var two = SharingProcess.Start(Daemon);
        await using var stop = Client.Event(_name);
        foreach (var process in new[] { one, two }) await process.TellAsync($"any event:{_name} queue:{_name}");
        await WaitingAsync(2);

        await Client.Queue<int>(_name).PutAsync(7);

        Assert.Equal(["1", "1"], [await one.AnswerAsync(), await two.AnswerAsync()]);
        Assert.Equal("7", await two.AskAsync($"take {_name}"));
        Assert.Equal("none", await one.AskAsync($"take {_name}"));
        await one.TellAsync($"any event:{_name} queue:{_name}");
        await WaitingAsync(1);
        await stop.SetAsync();
        Assert.Equal("0", await one.AnswerAsync());
    }

    [Fact]
    public async Task The_first_of_a_queue_an_event_a_pipe_and_a_task_ends_the_wait()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        await using var other = SharingProcess.Start(Daemon);
        await using var end = Client.Pipe<byte[]>(_name);
        await using var peer = await PeerProcess.StartAsync(Daemon, _name, "echo");
        await using var set = Client.Event(_name);
        var queue = Client.Queue<int>(_name);
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("hold", gate.Path);
        WaitTarget[] all =
        [
            WaitTarget.Queue(queue), WaitTarget.Event(set), WaitTarget.Pipe(end), WaitTarget.Task(task.Id),
        ];
        Assert.Empty(await Client.WaitAnyAsync(all, TimeSpan.Zero));

        var wait = Client.WaitAnyAsync(all);
        Assert.Equal("put", await other.AskAsync($"put {_name} 1"));
        Assert.Equal([0], await wait.WaitAsync(Deadline));
        Assert.Equal(1, await queue.GetAsync(Deadline));

        wait = Client.WaitAnyAsync(all);
        await end.SendAsync(new byte[1]);
        Assert.Equal([2], await wait.WaitAsync(Deadline));
        await end.ReceiveAsync(Deadline);

        wait = Client.WaitAnyAsync(all);
        await gate.ArrivedAsync();
        gate.Open();
        Assert.Equal([3], await wait.WaitAsync(Deadline));

        wait = Client.WaitAnyAsync(all.AsSpan(0, 3).ToArray());
        Assert.Equal("set", await other.AskAsync($"set {_name}"));
        Assert.Equal([1], await wait.WaitAsync(Deadline));
        Assert.Equal([1, 3], await Client.WaitAnyAsync(all));
    }

    [Fact]
    public async Task What_a_killed_process_held_is_told_to_those_that_wait_for_its_queue()
    {
        await using var holder = SharingProcess.Start(Daemon);
        await using var waiter = SharingProcess.Start(Daemon);
        await using var set = Client.Event(_name);
        await Client.Queue<int>(_name).PutAsync(7);
        Assert.Equal("7", await holder.AskAsync($"receive {_name}"));
        await waiter.TellAsync($"any event:{_name} queue:{_name}");
        await WaitingAsync(1);

        holder.Kill();

        Assert.Equal("1", await waiter.AnswerAsync());
        Assert.Equal("7", await waiter.AskAsync($"take {_name}"));
    }

    [Fact]
    public async Task Who_waits_for_a_killed_process_hears_of_its_end_by_its_pipe()
    {
        await using var end = Client.Pipe<byte[]>(_name);
        await using var peer = await PeerProcess.StartAsync(Daemon, _name, "hold");
        await using var set = Client.Event(_name);
        var queue = Client.Queue<int>(_name);
        var wait = Client.WaitAnyAsync([WaitTarget.Queue(queue), WaitTarget.Event(set), WaitTarget.Pipe(end)]);
        await WaitingAsync(1);

        await peer.KillAsync();

        Assert.Equal([2], await wait.WaitAsync(Deadline));
        await WaitingAsync(0);
    }

    [Fact]
    public async Task A_killed_waiter_leaves_nothing_behind_and_keeps_nobody_waiting()
    {
        await using var dead = SharingProcess.Start(Daemon);
        await using var alive = SharingProcess.Start(Daemon);
        await using var set = Client.Event(_name);
        Assert.False(await set.IsSetAsync());
        foreach (var process in new[] { dead, alive }) await process.TellAsync($"any event:{_name} queue:{_name}");
        await WaitingAsync(2);

        dead.Kill();
        await WaitingAsync(1);
        await Client.Queue<int>(_name).PutAsync(1);

        Assert.Equal("1", await alive.AnswerAsync());
        await WaitingAsync(0);
    }

    [Fact]
    public async Task What_is_deleted_ends_the_wait_with_a_typed_error()
    {
        await using var set = Client.Event(_name);
        var queue = Client.Queue<int>(_name);
        var wait = Client.WaitAnyAsync([WaitTarget.Event(set), WaitTarget.Queue(queue)]);
        await WaitingAsync(1);
        await Client.Queues.DeleteAsync(_name);
        var gone = await Assert.ThrowsAsync<QueueNotFoundException>(() => wait.WaitAsync(Deadline));
        Assert.Contains(_name, gone.Message, StringComparison.Ordinal);

        wait = Client.WaitAnyAsync([WaitTarget.Event(set)]);
        await WaitingAsync(1);
        await Client.States.DeleteAsync(_name, force: true);
        await Assert.ThrowsAsync<StateNotFoundException>(() => wait.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_wrong_kind_and_too_many_targets_are_typed_errors()
    {
        await using var held = Client.Lock(_name);
        await using (await held.AcquireAsync())
        {
            await using var set = Client.Event(_name);
            var wrong = await Assert.ThrowsAsync<PreconditionFailedException>(
                () => Client.WaitAnyAsync([WaitTarget.Event(set)]));
            Assert.Equal("WRONG_KIND", wrong.Reason);
        }

        await Client.Queues.DeclareAsync(_name);
        var queue = WaitTarget.Queue(Client.Queue<int>(_name));
        var tasks = await Assert.ThrowsAsync<PreconditionFailedException>(() => Client.WaitAnyAsync([queue]));
        Assert.Equal("WRONG_KIND", tasks.Reason);
        var many = Enumerable.Repeat(WaitTarget.Queue(Client.Queue<int>($"{_name}-messages")), 1001).ToArray();
        var limit = await Assert.ThrowsAsync<InvalidRequestException>(() => Client.WaitAnyAsync(many));
        Assert.Contains("1000", limit.Message, StringComparison.Ordinal);
        Assert.Empty(await Client.WaitAnyAsync(many.AsSpan(1).ToArray(), TimeSpan.Zero));
    }

    /// <summary>So many wait for the event.</summary>
    private Task<int> WaitingAsync(int count) => Eventually.BecomesAsync(
        async () => (await Client.States.FindAsync(_name))?.Waiting ?? 0,
        waiting => waiting == count,
        $"{count} that wait for '{_name}'");
}
