using Queued.Client;
using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests.ProcessPools;

/// <summary>Process pools with real processes, of the test host itself.</summary>
public sealed class ProcessPoolTests
{
    private static readonly ProcessPoolOptions Options = new() { DaemonPath = BuiltPrograms.Daemon };

    [Fact]
    public async Task A_function_runs_in_another_process_and_nothing_is_left()
    {
        var pool = await ProcessPool.StartAsync(2, Options);
        PoolFootprint footprint;
        await using (pool)
        {
            Assert.Equal(144, await pool.RunAsync(Functions.Square, 12));
            Assert.NotEqual(Environment.ProcessId, await pool.RunAsync(Functions.ProcessId, 0));
            Assert.Equal((7, "3+4"), await pool.RunAsync(Functions.Pair, (3, 4)));
            Assert.Equal(10, await pool.RunAsync(static (int number) => number + 1, 9));
            for (var n = 0; n < 2; n++)
                await pool.SubmitAsync(Functions.WaitForeverAsync, n);
            footprint = await PoolFootprint.OfBusyAsync(pool, workers: 2);
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(footprint.Directory));
        }

        await footprint.IsGoneAsync();
    }

    [Fact]
    public async Task A_function_puts_what_the_caller_reads_with_nothing_configured()
    {
        await using var pool = await ProcessPool.StartAsync(1, Options);
        var put = pool.RunAsync(Functions.PutAsync, ("numbers", 7));
        Assert.Equal(("numbers", 7), await pool.Client.Queue<(string, int)>("numbers").GetAsync());
        Assert.NotEqual(Environment.ProcessId, await put);
    }

    [Fact]
    public async Task Nothing_is_left_when_the_caller_is_killed()
    {
        var (caller, footprint) = await TestProgram.StartHoldingPoolAsync();
        using (caller)
        {
            Assert.NotEmpty(footprint.Find());
            caller.Kill();
            await caller.WaitForExitAsync();
            await footprint.IsGoneAsync();
        }
    }

    [Fact]
    public async Task A_map_gives_all_results_in_order_by_all_workers()
    {
        await using var pool = await ProcessPool.StartAsync(5, Options);
        var squares = await pool.MapAsync(Functions.Square, Enumerable.Range(0, 10_000)).ToListAsync();
        Assert.Equal(Enumerable.Range(0, 10_000).Select(n => n * n), squares);
    }

    [Fact]
    public async Task An_exception_is_told_with_its_type_and_hurts_its_input_alone()
    {
        await using var pool = await ProcessPool.StartAsync(2, Options);
        var results = await pool.MapResultsAsync(Functions.FailOnSeven, Enumerable.Range(0, 1000)).ToListAsync();
        Assert.Equal(999, results.Count(result => result.IsSuccess));
        var error = Assert.IsType<TaskFailedException>(results[7].Error);
        Assert.Equal(typeof(InvalidDataException).FullName, error.Failure!.ErrorType);
        Assert.Equal("seven is not for us", error.Failure.Message);
        Assert.Contains(nameof(Functions.FailOnSeven), error.Failure.Detail, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TaskFailedException>(() => pool.RunAsync(Functions.FailOnSeven, 7));
    }

    [Fact]
    public async Task A_process_that_dies_hurts_its_input_alone()
    {
        await using var pool = await ProcessPool.StartAsync(3, Options);
        var options = new MapOptions
        {
            ChunkSize = 5,
            Submit = new SubmitOptions { Retry = new RetryPolicy { MaxDeliveries = 1 } },
        };
        var results = await pool.MapResultsAsync(Functions.DieOnSeven, Enumerable.Range(0, 40), options).ToListAsync();
        Assert.Equal([7L], results.Where(result => !result.IsSuccess).Select(result => result.Index));
        var error = Assert.IsType<TaskFailedException>(results[7].Error);
        Assert.Equal((FailureKind.Signal, 9), (error.Failure!.Kind, error.Failure.Signal));
    }

    [Fact]
    public async Task A_task_whose_process_died_runs_again_in_another()
    {
        await using var pool = await ProcessPool.StartAsync(2, Options);
        var task = await pool.SubmitAsync(Functions.DieOnceAsync, 40);
        Assert.Equal(42, await task.GetResultAsync());
        var info = await task.GetInfoAsync();
        Assert.Equal(6, info.Attempts[0].Failure!.Signal);
        Assert.Contains("the first attempt dies", info.Attempts[0].Failure!.OutputTail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pool_runs_commands_too()
    {
        await using var pool = await ProcessPool.StartAsync(1, Options);
        var result = await pool.Client.ExecAsync(
            new ExecRequest { Arguments = ["sh", "-c", "cat; exit 3"], Stdin = "hi"u8.ToArray() });
        Assert.Equal((3, "hi"), (result.ExitCode, System.Text.Encoding.UTF8.GetString(result.Stdout.Span)));
    }

    [Fact]
    public async Task A_function_that_captures_something_is_refused()
    {
        await using var pool = await ProcessPool.StartAsync(1, Options);
        var factor = 3;
        var error = Assert.Throws<ArgumentException>(() => { _ = pool.RunAsync((int number) => number * factor, 1); });
        Assert.Contains("factor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_again_is_an_error_of_the_start()
    {
        var options = Options with { Command = ["/bin/false"], StartTimeout = TimeSpan.FromSeconds(20) };
        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(() => ProcessPool.StartAsync(1, options));
        Assert.Contains("did not get ready", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_map_over_a_million_inputs_holds_a_window_and_no_more()
    {
        const int Count = 1_000_000;
        const int Window = 8192;
        await using var pool = await ProcessPool.StartAsync(2, Options);
        long read = 0, taken = 0, sum = 0;
        var heaps = new List<long>();
        var inputs = Enumerable.Range(0, Count).Select(number =>
        {
            Interlocked.Increment(ref read);
            return number;
        });
        await foreach (var square in pool.MapAsync(Functions.Square, inputs, new MapOptions { Window = Window }))
        {
            taken++;
            sum += square & 0xff;
            Assert.InRange(Interlocked.Read(ref read) - taken, 0, 2 * Window);
            if (taken % (Count / 10) == 0)
                heaps.Add(GC.GetTotalMemory(forceFullCollection: true));
        }

        Assert.Equal(Count, taken);
        Assert.Equal(Enumerable.Range(0, Count).Sum(number => (long)(unchecked(number * number) & 0xff)), sum);

        // The least heap of the second half is not above the least of the first by more than parts of a window. One
        // object for each of the half million inputs between them would be 12 MB.
        Assert.InRange(heaps[5..].Min() - heaps[..5].Min(), long.MinValue, 4 * Count);
        var status = await pool.Client.GetStatusAsync();
        Assert.Equal((0, 0), (status.OpenTaskCount, status.FinishedTaskCount));
    }
}
