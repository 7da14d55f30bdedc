using Queued.Client;
using Queued.EndToEnd.Tests.Faults;
using Queued.Worker;
using TaskState = Queued.Client.TaskState;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>A handler shares things over the daemon that serves it, and nobody configures anything for it.</summary>
public sealed class HandlerSharingTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static int _names;

    private readonly string _name = $"handler-{Interlocked.Increment(ref _names)}";

    private QueuedClient Client => shared.Daemon.Client;

    [Fact]
    public async Task Handlers_in_two_processes_take_a_lock_write_to_shared_memory_and_put_to_a_queue()
    {
        await using var pool = await shared.Daemon.AddPoolAsync(2);
        await using var memory = await Client.Memory.CreateAsync(_name, 4096);
        await using var value = Client.Value<int>(_name);
        Assert.Equal(0, await value.GetAsync());
        var tasks = new List<TaskHandle<int>>();
        for (var number = 0; number < 20; number++)
            tasks.Add(await pool.SubmitAsync<string, int>("raise", _name));

        var told = new List<int>();
        while (told.Count < tasks.Count) told.Add(await Client.Queue<int>(_name).GetAsync(Deadline));

        Assert.Equal(Enumerable.Range(1, tasks.Count), told);
        Assert.Equal(tasks.Count, await value.GetAsync());
        Assert.Equal(told.Select(number => (byte)number), memory.Span.Slice(1, tasks.Count).ToArray());
        foreach (var task in tasks) Assert.NotEqual(Environment.ProcessId, await task.GetResultAsync());
        Assert.Null(await Client.States.FindAsync(_name + ".lock"));
    }

    [Fact]
    public async Task A_handler_talks_over_a_pipe()
    {
        await using var pool = await shared.Daemon.AddPoolAsync(1);
        await using var end = Client.Pipe<int>(_name);
        var task = await pool.SubmitAsync<string, int>("answer", _name);
        await end.SendAsync(21);
        Assert.Equal(42, await end.ReceiveAsync(Deadline));
        Assert.Equal(21, await task.GetResultAsync());
        await Assert.ThrowsAsync<PipeClosedException>(() => end.ReceiveAsync(Deadline).AsTask());
    }

    [Fact]
    public async Task What_a_handler_holds_is_free_when_its_worker_is_killed_and_the_next_attempt_gets_it()
    {
        await using var pool = await shared.Daemon.AddPoolAsync(2);
        var (queue, gate) = (Client.Queue<int>(_name), Client.Lock(_name));
        var task = await pool.SubmitAsync<string, int>("hold-lock", _name);
        var first = await queue.GetAsync(Deadline);
        Assert.Null(await gate.TryAcquireAsync());

        Processes.Signal(first, Processes.KillSignal);

        Assert.NotEqual(first, await queue.GetAsync(Deadline));
        Assert.Null(await gate.TryAcquireAsync());
        await task.CancelAsync();
        await using (await gate.AcquireAsync(Deadline))
            Assert.Equal(TaskState.Cancelled, (await task.WaitAsync()).State);
    }

    [Fact]
    public async Task An_external_worker_shares_over_the_address_that_it_was_given_until_it_ends()
    {
        using var stop = new CancellationTokenSource();
        await Client.Queues.DeclareAsync(_name);
        TaskContext? kept = null;
        var worker = QueuedWorker.RunAsync(
            handlers =>
            {
                handlers.Options.Address = Client.Address;
                handlers.Options.Queues.Add(_name);
                handlers.Handle<int, int>("keep", async (number, context) =>
                {
                    kept = context;
                    Assert.Same(context.Client, TaskContext.Current!.Client);
                    await context.Client.Lock(_name).AcquireAsync();
                    return number;
                });
            },
            stop.Token);
        var options = new SubmitOptions { Queue = _name };
        Assert.Equal(1, await Client.RunAsync<int, int>("keep", 1, options));
        Assert.Null(await Client.Lock(_name).TryAcquireAsync());

        await stop.CancelAsync();
        Assert.Equal(0, await worker.WaitAsync(Deadline));

        await using var grant = await Client.Lock(_name).AcquireAsync(Deadline);
        Assert.Throws<ObjectDisposedException>(() => kept!.Client);
    }
}
