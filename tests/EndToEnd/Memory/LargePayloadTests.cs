using System.Text;
using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Memory;

/// <summary>Payloads and results that are longer than what goes into a message, between real processes.</summary>
public sealed class LargePayloadTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private const int Large = 16 * 1024 * 1024;

    private FaultDaemon Daemon => shared.Daemon;

    [Theory]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(1024 * 1024)]
    [InlineData(Large)]
    public async Task Every_byte_comes_there_and_back(int length)
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var payload = Bytes(length);

        var result = await RunAsync(pool, "add-one-raw", payload);

        Assert.True(result.Span.SequenceEqual(payload.Select(value => (byte)(value + 1)).ToArray()));
    }

    [Fact]
    public async Task The_same_segments_carry_one_payload_after_the_other()
    {
        await using var daemon = await FaultDaemon.StartAsync();
        await using var pool = await daemon.AddPoolAsync(1);
        for (var n = 0; n < 20; n++)
        {
            var payload = Bytes(1024 * 1024, seed: n);
            var result = await daemon.Client.RunAsync(
                "echo", new TaskPayload(payload), new SubmitOptions { Queue = pool.Name });
            Assert.True(result.Data.Span.SequenceEqual(payload));
        }

        // The word that one is free may come when the next was made.
        var count = await CountAsync(daemon);
        Assert.True(count <= 4, $"There are {count} segments.");
    }

    [Theory]
    [InlineData("echo", 0, 1)]
    [InlineData("echo-most", Large / 4, 1)]
    [InlineData("echo-little", Large / 4 * 3, 2)]
    public async Task A_result_that_is_most_of_the_payload_stays_in_its_segment(string handler, int first, int segments)
    {
        await using var daemon = await FaultDaemon.StartAsync();
        await using var pool = await daemon.AddPoolAsync(1);
        var options = new SubmitOptions { Queue = pool.Name, ResultTtl = TimeSpan.FromMinutes(10) };
        var payload = Bytes(Large);

        var result = await daemon.Client.RunAsync(handler, new TaskPayload(payload), options);

        Assert.True(result.Data.Span.SequenceEqual(payload.AsSpan(first)));
        Assert.Equal(segments, await CountAsync(daemon));
    }

    [Fact]
    public async Task Results_that_are_kept_are_not_written_over()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var options = new SubmitOptions { Queue = pool.Name, ResultTtl = TimeSpan.FromMinutes(1) };
        var payloads = Enumerable.Range(0, 6).Select(n => Bytes(1024 * 1024, seed: n)).ToArray();
        var tasks = new List<TaskHandle>();
        foreach (var payload in payloads)
        {
            tasks.Add(await Daemon.Client.SubmitAsync("echo", new TaskPayload(payload), options));
            await tasks[^1].WaitAsync();
        }

        for (var n = 0; n < payloads.Length; n++)
        {
            // Another wait reads it where it is.
            var result = (await Daemon.Client.WaitAsync(tasks[n].Id)).Result!.Value;
            Assert.True(result.Data.Span.SequenceEqual(payloads[n]), $"payload {n}");
        }
    }

    [Fact]
    public async Task Many_at_once_are_not_mixed_up()
    {
        await using var pool = await Daemon.AddPoolAsync(2);
        var payloads = Enumerable.Range(0, 40).Select(n => Bytes(300_000 + (n * 10_000), seed: n)).ToArray();

        var results = await Task.WhenAll(payloads.Select(payload => RunAsync(pool, "echo", payload)));

        for (var n = 0; n < payloads.Length; n++)
            Assert.True(results[n].Span.SequenceEqual(payloads[n]), $"payload {n}");
    }

    [Fact]
    public async Task A_large_result_of_a_small_payload_and_the_reverse()
    {
        await using var pool = await Daemon.AddPoolAsync(1);

        var result = await RunAsync(pool, "make", Encoding.UTF8.GetBytes($"{Large}"));
        Assert.Equal(Large, result.Length);
        Assert.Equal(-1, result.Span.IndexOfAnyExcept((byte)7));

        await RunAsync(pool, "keep", Bytes(Large));
        var handle = await pool.SubmitAsync<int, bool>("kept-is-gone", 0);
        Assert.True(await handle.GetResultAsync());
    }

    [Fact]
    public async Task A_result_that_is_kept_can_be_read_again_and_goes_with_its_task()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var options = new SubmitOptions { Queue = pool.Name, ResultTtl = TimeSpan.FromSeconds(3) };
        var payload = Bytes(1024 * 1024);
        var handle = await Daemon.Client.SubmitAsync("echo", new TaskPayload(payload), options);

        Assert.True((await handle.GetResultAsync()).Data.Span.SequenceEqual(payload));
        Assert.True((await Daemon.Client.WaitAsync(handle.Id)).Result!.Value.Data.Span.SequenceEqual(payload));
        // Who reads it with a call of its own gets it in the message.
        var info = await Daemon.Client.GetTaskAsync(handle.Id, includePayload: true);
        Assert.True(info.Result!.Value.Data.Span.SequenceEqual(payload));
        Assert.True(info.Payload!.Value.Data.Span.SequenceEqual(payload));

        await using (var other = new QueuedClient(new QueuedClientOptions { Address = $"unix:{Daemon.Socket}" }))
            Assert.True((await other.WaitAsync(handle.Id)).Result!.Value.Data.Span.SequenceEqual(payload));
        await Eventually.IsAsync(
            async () => !await IsThereAsync(handle.Id), "an end of the task");
        await Eventually.IsAsync(async () => await CountBusyAsync(handle.Id) == 0, "no segment of the task");
    }

    [Fact]
    public async Task A_worker_killed_with_a_large_payload_leaves_it_to_the_next_one()
    {
        await using var pool = await Daemon.AddPoolAsync(2);
        using var gate = Daemon.AddGate();
        var payload = Bytes(Large);
        Encoding.UTF8.GetBytes($"{gate.Path}\n").CopyTo(payload, 0);
        var run = RunAsync(pool, "gate-then-echo", payload);
        await gate.ArrivedAsync();

        var busy = (await pool.WorkersAsync()).Single(worker => worker.Running.Count > 0);
        Processes.Signal(busy.ProcessId!.Value, Processes.KillSignal);
        await gate.ArrivedAsync();
        gate.Open();

        Assert.True((await run).Span.SequenceEqual(payload));
        await pool.IsFullAsync();
    }

    [Fact]
    public async Task A_client_that_ends_after_its_submit_does_not_take_the_payload_with_it()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        using var sibling = await pool.HoldAsync();
        var payload = Bytes(Large);
        TaskId id;
        await using (var client = new QueuedClient(new QueuedClientOptions { Address = $"unix:{Daemon.Socket}" }))
        {
            id = (await client.SubmitAsync(
                "echo", new TaskPayload(payload), new SubmitOptions { Queue = pool.Name })).Id;
        }

        await sibling.WasNotDisturbedAsync();
        Assert.True((await Daemon.Client.WaitAsync(id)).Result!.Value.Data.Span.SequenceEqual(payload));
    }

    [Fact]
    public async Task More_than_the_machine_may_share_is_refused_and_what_is_small_enough_goes_inline()
    {
        await using var daemon = await FaultDaemon.StartAsync(
            null, "--set", "limits.segment_bytes_max=1MiB", "--set", "limits.payload_bytes_max=4MiB");
        await using var pool = await daemon.AddPoolAsync(1);
        var payload = Bytes(3 * 1024 * 1024);
        var options = new SubmitOptions { Queue = pool.Name };

        var result = await daemon.Client.RunAsync("echo", new TaskPayload(payload), options);
        Assert.True(result.Data.Span.SequenceEqual(payload));
        var refused = await Assert.ThrowsAsync<InvalidRequestException>(
            () => daemon.Client.RunAsync("echo", new TaskPayload(Bytes(5 * 1024 * 1024)), options));
        Assert.Contains("segment_bytes_max", refused.Message, StringComparison.Ordinal);
        var failed = await Assert.ThrowsAsync<TaskFailedException>(
            () => daemon.Client.RunAsync("make", TaskPayload.FromText("5000000"), options));
        Assert.Contains("segment_bytes_max", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_durable_queue_has_the_bytes_when_the_daemon_is_killed()
    {
        using var folder = new TestFolder();
        var payload = Bytes(8 * 1024 * 1024);
        TaskId waiting;
        TaskId ended;
        FaultPool lost;
        await using (var killed = await FaultDaemon.StartAsync(folder))
        {
            lost = await killed.AddPoolAsync(1);
            await killed.Client.Queues.DeclareAsync(lost.Name, new QueuePolicy { Durability = Durability.Fsync });
            var options = new SubmitOptions { Queue = lost.Name };
            var first = await killed.Client.SubmitAsync("add-one-raw", new TaskPayload(payload), options);
            await first.WaitAsync();
            ended = first.Id;
            await killed.Client.Queues.PauseAsync(lost.Name);
            waiting = (await killed.Client.SubmitAsync("add-one-raw", new TaskPayload(payload), options)).Id;
            await killed.KillAsync();
        }

        await using var daemon = await FaultDaemon.StartAsync(folder);
        var expected = payload.Select(value => (byte)(value + 1)).ToArray();
        Assert.True((await daemon.Client.WaitAsync(ended)).Result!.Value.Data.Span.SequenceEqual(expected));
        await daemon.Client.Queues.ResumeAsync(lost.Name);
        Assert.True((await daemon.Client.WaitAsync(waiting)).Result!.Value.Data.Span.SequenceEqual(expected));
    }

    private static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<ReadOnlyMemory<byte>> RunAsync(FaultPool pool, string handler, byte[] payload) =>
        (await Daemon.Client.RunAsync(
            handler, new TaskPayload(payload), new SubmitOptions { Queue = pool.Name })).Data;

    private static async Task<int> CountAsync(FaultDaemon daemon)
    {
        var count = 0;
        await foreach (var _ in daemon.Client.Memory.ListAsync())
            count++;
        return count;
    }

    private async Task<int> CountBusyAsync(TaskId task)
    {
        var count = 0;
        await foreach (var segment in Daemon.Client.Memory.ListAsync())
            count += segment.Task == task && segment.Users.Count > 1 ? 1 : 0;
        return count;
    }

    private async Task<bool> IsThereAsync(TaskId task)
    {
        try
        {
            await Daemon.Client.GetTaskAsync(task);
            return true;
        }
        catch (TaskNotFoundException)
        {
            return false;
        }
    }
}
