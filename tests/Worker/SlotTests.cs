using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Queued.Worker.Tests;

public sealed class SlotTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _gates = new();
    private readonly ConcurrentQueue<int> _begun = new();
    private ScriptedDaemon _daemon = null!;

    public async Task InitializeAsync() => _daemon = await ScriptedDaemon.StartAsync();

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task Assignments_begin_in_order_and_at_most_slots_at_once()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, worker =>
        {
            worker.Options.Clock = new FakeTimeProvider();
            Gated(worker);
        });
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync(slots: 2);
        await stream.AssignAsync("gated", (1, "1"), (2, "2"), (3, "3"), (4, "4"));
        await stream.Until(() => stream.Logs.Count == 2, "2 begun attempts");
        Assert.Equal([1, 2], _begun.Order());

        Open(2);
        await stream.Until(() => stream.Logs.Count == 3, "3 begun attempts");
        Assert.Equal(3, _begun.Last());
        await stream.SettlementAsync(2);
        Assert.Single(stream.Settlements);
        OpenAll();
        await stream.SettlementAsync(4);
    }

    [Fact]
    public async Task What_waits_behind_a_long_attempt_is_given_back_and_not_asked_for_again()
    {
        var clock = new FakeTimeProvider();
        await using var worker = WorkerUnderTest.Start(_daemon, worker =>
        {
            worker.Options.Clock = clock;
            Gated(worker);
        });
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync(creditsMax: 4);
        OpenUpTo(3);
        await stream.AssignAsync("gated", (1, "1"));
        await stream.Until(() => stream.Credits == 3, "2 more credits");
        await stream.AssignAsync("gated", (2, "2"), (3, "3"));
        await stream.Until(() => stream.Credits == 7, "4 more credits");
        await stream.AssignAsync("gated", (4, "4"), (5, "5"), (6, "6"), (7, "7"));
        await stream.Until(() => stream.Logs.Count == 4, "the long attempt's beginning");

        clock.Advance(TimeSpan.FromMilliseconds(21));
        await stream.Until(() => stream.Settlements.Count == 6, "3 attempts that were given back");
        Assert.Equal(
            [5ul, 6ul, 7ul],
            stream.Settlements.Where(settled => settled.Released is not null).Select(settled => settled.TaskId));
        Assert.Equal(7, stream.Credits);

        Open(4);
        await stream.SettlementAsync(4);
        Assert.Equal(8, stream.Credits);
    }

    [Fact]
    public async Task Many_short_attempts_are_asked_for_ahead()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, worker =>
        {
            worker.Options.Clock = new FakeTimeProvider();
            worker.Handle("square", (int x) => x * x);
        });
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync(slots: 1, creditsMax: 64);
        ulong task = 0;
        while (stream.Credits - (long)task < 64)
        {
            var credits = (ulong)stream.Credits - task;
            var tasks = Enumerable.Range(1, (int)credits).Select(n => (task + (ulong)n, "3")).ToArray();
            task += credits;
            await stream.AssignAsync("square", tasks);
            var given = task;
            await stream.Until(
                () => stream.Credits > (long)given && stream.Settlements.Count == (int)given,
                "more credits");
        }

        Assert.Equal(64, stream.Credits - (long)task);
    }

    [Fact]
    public async Task A_waiting_attempt_gives_its_slot_to_the_next_one()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, Gated);
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.AssignAsync("waiting", (1, "1"));
        await stream.Until(() => stream.Waits is [{ TaskId: 1, Attempt: 1, Waiting: true }], "a wait");
        Assert.Equal(1, stream.Credits);

        await stream.AssignAsync("gated", (2, "2"));
        await stream.Until(() => stream.Logs.Count == 1, "the second attempt's beginning");
        Open(2);
        await stream.SettlementAsync(2);
        Assert.DoesNotContain(stream.Settlements, settlement => settlement.TaskId == 1);

        Open(1);
        await stream.SettlementAsync(1);
        Assert.Equal([true, false], stream.Waits.Select(wait => wait.Waiting));
    }

    [Fact]
    public async Task An_attempt_that_goes_on_while_another_runs_holds_up_the_next()
    {
        await using var worker = WorkerUnderTest.Start(_daemon, worker =>
        {
            worker.Options.Clock = new FakeTimeProvider();
            Gated(worker.Handle("pair", async (int x, TaskContext task) =>
            {
                using (task.BeginWait())
                    await Gate(x).Task;
                await Gate(x + 100).Task;
                return x;
            }));
        });
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.AssignAsync("pair", (1, "1"));
        await stream.Until(() => stream.Waits.Count == 1, "a wait");
        await stream.AssignAsync("gated", (2, "2"), (3, "3"));
        await stream.Until(() => stream.Logs.Count == 1, "the second attempt's beginning");
        Open(1);
        await stream.Until(() => stream.Waits.Count == 2, "the end of the wait");
        Open(2);
        await stream.SettlementAsync(2);
        Assert.Equal([2], _begun);
        Open(101);
        await stream.SettlementAsync(1);
        OpenAll();
        await stream.SettlementAsync(3);
    }

    private void Gated(WorkerHandlers worker) => worker
        .Handle("gated", async (int x, TaskContext task) =>
        {
            _begun.Enqueue(x);
            task.Log("begun");
            await Gate(x).Task;
            return x;
        })
        .Handle("waiting", async (int x, TaskContext task) =>
        {
            using (task.BeginWait())
            using (TaskContext.Current!.BeginWait())
                await Gate(x).Task;
            return x;
        });

    private TaskCompletionSource Gate(int x) =>
        _gates.GetOrAdd(x, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Open(int x) => Gate(x).TrySetResult();

    private void OpenAll() => OpenUpTo(9);

    private void OpenUpTo(int last)
    {
        for (var x = 1; x <= last; x++)
            Open(x);
    }
}
