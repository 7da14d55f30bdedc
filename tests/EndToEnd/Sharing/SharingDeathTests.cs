using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>
/// Who holds something of shared state, or waits for it, is a process of its own that is killed at the worst moment.
/// Nobody else waits for it.
/// </summary>
public sealed class SharingDeathTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private FaultDaemon Daemon { get; } = shared.Daemon;

    [Fact]
    public async Task The_lock_of_a_killed_process_goes_to_the_next_whose_number_the_resource_prefers()
    {
        var file = Path.Combine(Daemon.Folder, "fenced");
        await using var first = SharingProcess.Start(Daemon);
        await using var second = SharingProcess.Start(Daemon);
        await using var third = SharingProcess.Start(Daemon);
        var old = await first.TokenAsync("lock death");
        Assert.Equal("written", await first.AskAsync($"write {file} first"));
        await second.TellAsync("lock death");
        await WaitingAsync("death", 1);

        first.Kill();
        var next = ulong.Parse(await second.AnswerAsync(), null);
        Assert.True(next > old);
        Assert.Equal("written", await second.AskAsync($"write {file} second"));
        // What the dead one had sent arrives late.
        Assert.Equal("refused", await third.AskAsync($"write {file} {old} late"));
        Assert.Equal([$"{old} first", $"{next} second"], await File.ReadAllLinesAsync(file));
    }

    [Fact]
    public async Task A_holder_that_stood_still_for_longer_than_its_lease_is_refused()
    {
        var file = Path.Combine(Daemon.Folder, "leased");
        await using var first = SharingProcess.Start(Daemon);
        await using var second = SharingProcess.Start(Daemon);
        await first.TokenAsync("lock leased 300");
        Processes.Signal(first.ProcessId, Processes.StopSignal);
        await second.TokenAsync("lock leased");
        Assert.Equal("written", await second.AskAsync($"write {file} second"));

        Processes.Signal(first.ProcessId, Processes.ContinueSignal);
        Assert.Equal("refused", await first.AskAsync($"write {file} first"));
        Assert.Equal("yes", await first.AskAsync("lost"));
        Assert.Equal("GRANT_STALE", await first.AskAsync("release"));
    }

    [Fact]
    public async Task A_killed_process_that_waits_for_a_lock_is_passed_over()
    {
        await using var holder = SharingProcess.Start(Daemon);
        await using var killed = SharingProcess.Start(Daemon);
        await using var last = SharingProcess.Start(Daemon);
        await holder.TokenAsync("lock line");
        await killed.TellAsync("lock line");
        await WaitingAsync("line", 1);
        await last.TellAsync("lock line");
        await WaitingAsync("line", 2);
        killed.Kill();
        await WaitingAsync("line", 1);
        Assert.Equal("released", await holder.AskAsync("release"));
        Assert.NotEmpty(await last.AnswerAsync());
    }

    [Fact]
    public async Task A_barrier_breaks_when_a_process_that_waits_at_it_is_killed()
    {
        await using var one = SharingProcess.Start(Daemon);
        await using var two = SharingProcess.Start(Daemon);
        await using var killed = SharingProcess.Start(Daemon);
        await one.TellAsync("barrier together 4");
        await two.TellAsync("barrier together 4");
        await killed.TellAsync("barrier together 4");
        await WaitingAsync("together", 3);
        killed.Kill();
        Assert.Equal("BARRIER_BROKEN", await one.AnswerAsync());
        Assert.Equal("BARRIER_BROKEN", await two.AnswerAsync());
        Assert.Equal("BARRIER_BROKEN", await one.AskAsync("barrier together 4"));
    }

    [Fact]
    public async Task The_lock_of_a_condition_is_free_when_its_holder_is_killed()
    {
        await using var waiter = SharingProcess.Start(Daemon);
        await using var killed = SharingProcess.Start(Daemon);
        await waiter.TokenAsync("condition held");
        await waiter.TellAsync("wait held");
        await WaitingAsync("held", 1);
        var held = await killed.TokenAsync("condition held");
        Assert.Equal("1", await killed.AskAsync("notify held 1"));

        killed.Kill();
        var answer = (await waiter.AnswerAsync()).Split(' ');
        Assert.Equal("yes", answer[0]);
        Assert.True(ulong.Parse(answer[1], null) > held);
    }

    [Fact]
    public async Task The_notification_of_a_killed_process_goes_to_the_next()
    {
        await using var killed = SharingProcess.Start(Daemon);
        await using var next = SharingProcess.Start(Daemon);
        await using var notifier = SharingProcess.Start(Daemon);
        await killed.TokenAsync("condition told");
        await killed.TellAsync("wait told");
        await WaitingAsync("told", 1);
        await next.TokenAsync("condition told");
        await next.TellAsync("wait told");
        await WaitingAsync("told", 2);

        // It is woken, and killed before it has the lock.
        await notifier.TokenAsync("condition told");
        Assert.Equal("1", await notifier.AskAsync("notify told 1"));
        killed.Kill();
        await WaitingAsync("told", 1);
        Assert.Equal("released", await notifier.AskAsync("release"));
        Assert.StartsWith("yes ", await next.AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_is_killed_as_it_sleeps_takes_no_notification_along()
    {
        await using var killed = SharingProcess.Start(Daemon);
        await using var next = SharingProcess.Start(Daemon);
        await using var notifier = SharingProcess.Start(Daemon);
        await killed.TokenAsync("condition asleep");
        await killed.TellAsync("wait asleep");
        await WaitingAsync("asleep", 1);
        await next.TokenAsync("condition asleep");
        await next.TellAsync("wait asleep");
        await WaitingAsync("asleep", 2);
        killed.Kill();
        await WaitingAsync("asleep", 1);
        await notifier.TokenAsync("condition asleep");
        Assert.Equal("1", await notifier.AskAsync("notify asleep 1"));
        Assert.Equal("released", await notifier.AskAsync("release"));
        Assert.StartsWith("yes ", await next.AnswerAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Permits_of_a_killed_process_come_back()
    {
        await using var killed = SharingProcess.Start(Daemon);
        await using var waiter = SharingProcess.Start(Daemon);
        await killed.TokenAsync("semaphore permits 2");
        await killed.TokenAsync("semaphore permits 2");
        await waiter.TellAsync("semaphore permits 2");
        await WaitingAsync("permits", 1);
        killed.Kill();
        Assert.NotEmpty(await waiter.AnswerAsync());
        var state = await Daemon.Client.States.FindAsync("permits");
        Assert.Equal((1L, 1), (state!.Count, state.Grants.Count));
    }

    [Fact]
    public async Task A_permit_of_a_bounded_semaphore_comes_back_and_never_one_more()
    {
        await using var killed = SharingProcess.Start(Daemon);
        await using var waiter = SharingProcess.Start(Daemon);
        await killed.TokenAsync("bounded bound 1");
        await waiter.TellAsync("bounded bound 1");
        await WaitingAsync("bound", 1);
        killed.Kill();
        Assert.NotEmpty(await waiter.AnswerAsync());
        Assert.Equal("released", await waiter.AskAsync("release"));
        await using var semaphore = Daemon.Client.BoundedSemaphore("bound", 1);
        await using var grant = await semaphore.AcquireAsync();
        Assert.Null(await semaphore.TryAcquireAsync());
    }

    [Fact]
    public async Task A_reentrant_lock_that_was_acquired_twice_is_free_at_once_when_its_process_is_killed()
    {
        await using var killed = SharingProcess.Start(Daemon);
        await using var waiter = SharingProcess.Start(Daemon);
        var token = await killed.TokenAsync("rlock twice");
        Assert.Equal(token, await killed.TokenAsync("rlock twice"));
        await waiter.TellAsync("rlock twice");
        await WaitingAsync("twice", 1);
        // Once released it is still held.
        Assert.Equal("released", await killed.AskAsync("release"));
        Assert.Equal(1, (await Daemon.Client.States.FindAsync("twice"))!.Waiting);
        killed.Kill();
        Assert.True(ulong.Parse(await waiter.AnswerAsync(), null) > token);
    }

    [Fact]
    public async Task An_event_wakes_those_that_are_left_and_stays_set_when_who_set_it_is_killed()
    {
        await using var waiter = SharingProcess.Start(Daemon);
        await using var killedWaiter = SharingProcess.Start(Daemon);
        await using var killedSetter = SharingProcess.Start(Daemon);
        await waiter.TellAsync("event signal");
        await killedWaiter.TellAsync("event signal");
        await WaitingAsync("signal", 2);
        killedWaiter.Kill();
        await WaitingAsync("signal", 1);
        Assert.Equal("set", await killedSetter.AskAsync("set signal"));
        killedSetter.Kill();
        Assert.Equal("yes", await waiter.AnswerAsync());
        Assert.Equal("yes", await waiter.AskAsync("event signal"));
    }

    [Fact]
    public async Task A_barrier_lets_processes_go_together()
    {
        await using var one = SharingProcess.Start(Daemon);
        await using var two = SharingProcess.Start(Daemon);
        await using var three = SharingProcess.Start(Daemon);
        foreach (var process in new[] { one, two, three }) await process.TellAsync("barrier pass 3");
        string[] places = [await one.AnswerAsync(), await two.AnswerAsync(), await three.AnswerAsync()];
        Assert.Equal(["0", "1", "2"], places.Order());
    }

    private Task<StateInfo> WaitingAsync(string name, int count) => Eventually.BecomesAsync(
        () => Daemon.Client.States.FindAsync(name), state => state?.Waiting == count, $"{count} waiting for {name}");
}
