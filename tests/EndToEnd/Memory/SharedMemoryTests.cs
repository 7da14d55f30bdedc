using Queued.Client;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Memory;

/// <summary>Segments between real processes, and what becomes of them when these are killed.</summary>
public sealed class SharedMemoryTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private FaultDaemon Daemon => shared.Daemon;

    private ISharedMemorySegments Memory => Daemon.Client.Memory;

    [Fact]
    public async Task What_one_process_writes_the_other_reads()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        await using var memory = await Memory.CreateAsync("numbers", 1024 * sizeof(long));
        for (var n = 0; n < 1024; n++)
            memory.GetSpan<long>()[n] = n;

        var sum = await (await pool.SubmitAsync<string, long>("add-one", "numbers")).GetResultAsync();

        Assert.Equal(Enumerable.Range(1, 1024).Sum(), sum);
        Assert.Equal(Enumerable.Range(1, 1024).Select(n => (long)n), memory.GetSpan<long>().ToArray());
    }

    [Fact]
    public async Task A_killed_holder_uses_nothing_any_more_and_who_is_left_reads_on()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        using var gate = Daemon.AddGate();
        var memory = await Memory.CreateAsync("frames", 100);
        var task = await pool.SubmitAsync<Held, int>("hold-memory", new Held("frames", 0, gate.Path), Once);
        await gate.ArrivedAsync();
        Assert.Equal(2, (await UsersAsync("frames")).Count);

        await KillWorkerAsync(pool);

        Assert.Equal(TaskState.Failed, (await task.WaitAsync()).State);
        await Eventually.IsAsync(async () => (await UsersAsync("frames")).Count == 1, "one user is left");
        Assert.Equal(42, memory.Span[0]);
        var path = memory.Path;
        Assert.True(File.Exists(path));
        await memory.DisposeAsync();
        await Eventually.IsTrueAsync(() => !File.Exists(path), "an end of the file");
    }

    [Fact]
    public async Task The_segment_of_a_killed_maker_goes_with_the_last_user()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<Held, int>("hold-memory", new Held("made", 5000, gate.Path), Once);
        await gate.ArrivedAsync();
        var memory = await Memory.OpenAsync("made");
        await KillWorkerAsync(pool);
        Assert.Equal(TaskState.Failed, (await task.WaitAsync()).State);

        Assert.Equal(42, memory.Span[0]);
        Assert.Equal(5000, memory.Length);
        await using (var again = await Memory.OpenAsync(memory.Id))
            Assert.Equal(42, again.Span[0]);
        await memory.DisposeAsync();
        await Assert.ThrowsAsync<SegmentNotFoundException>(() => Memory.OpenAsync("made"));
    }

    [Fact]
    public async Task The_only_user_killed_nothing_is_left()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        using var gate = Daemon.AddGate();
        await pool.SubmitAsync<Held, int>("hold-memory", new Held("lonely", 5000, gate.Path), Once);
        await gate.ArrivedAsync();
        var path = (await FindAsync("lonely")).Path;
        Assert.True(File.Exists(path));

        await KillWorkerAsync(pool);

        await Eventually.IsTrueAsync(() => !File.Exists(path), "an end of the file");
        await using var free = await Memory.CreateAsync("lonely", 1);
    }

    [Fact]
    public async Task A_closed_segment_cannot_be_reached_through_the_handle()
    {
        var memory = await Memory.CreateAsync(null, 100);
        await memory.DisposeAsync();
        await memory.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => memory.Span[0]);
        Assert.Throws<ObjectDisposedException>(() => memory.GetSpan(0, 1)[0]);
        Assert.Throws<ObjectDisposedException>(() => memory.GetSpan<int>()[0]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => memory.ResizeAsync(5));
    }

    [Fact]
    public async Task Spans_end_where_the_segment_does()
    {
        await using var memory = await Memory.CreateAsync(null, 100);

        Assert.Equal(100, memory.Span.Length);
        Assert.Equal(12, memory.GetSpan<long>().Length);
        Assert.Equal(0, memory.GetSpan(100, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan(1, 100)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan(-1, 1)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan(long.MaxValue, 1)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan<long>(0, 13)[0]);
    }

    [Fact]
    public async Task It_grows_and_shrinks_and_keeps_what_is_in_it()
    {
        await using var memory = await Memory.CreateAsync("grows", 10_000);
        memory.Span.Fill(7);
        await memory.ResizeAsync(20_000);

        Assert.Equal(20_000, memory.Length);
        Assert.Equal([7, 0], memory.GetSpan(9_999, 2).ToArray());
        await using (await Memory.OpenAsync("grows"))
            await Assert.ThrowsAsync<PreconditionFailedException>(() => memory.ResizeAsync(1));
        Assert.Equal(20_000, memory.Span.Length);

        await memory.ResizeAsync(5);
        Assert.Equal([7, 7, 7, 7, 7], memory.Span.ToArray());
    }

    [Fact]
    public async Task A_name_is_taken_once_and_can_be_taken_away()
    {
        await using var memory = await Memory.CreateAsync("name", 10);
        await Assert.ThrowsAsync<ConflictException>(() => Memory.CreateAsync("name", 10));
        await memory.UnlinkAsync();
        await Assert.ThrowsAsync<SegmentNotFoundException>(() => Memory.OpenAsync("name"));
        await using var other = await Memory.CreateAsync("name", 10);
        await Memory.UnlinkAsync("name");
        await Assert.ThrowsAsync<CapacityExceededException>(() => Memory.CreateAsync("large", 1L << 50));
    }

    internal static SubmitOptions Once { get; } = new() { Retry = new RetryPolicy { MaxDeliveries = 1 } };

    private async Task<SharedMemoryInfo> FindAsync(string name)
    {
        await foreach (var segment in Memory.ListAsync())
        {
            if (segment.Name == name)
                return segment;
        }

        throw new InvalidOperationException($"There is no segment {name}.");
    }

    private async Task<IReadOnlyList<string>> UsersAsync(string name) => (await FindAsync(name)).Users;

    private static async Task KillWorkerAsync(FaultPool pool) =>
        Processes.Signal((await pool.WorkersAsync()).Single().ProcessId!.Value, Processes.KillSignal);
}

/// <summary>As the worker's HeldMemory.</summary>
internal sealed record Held(string Name, long Bytes, string Gate);
