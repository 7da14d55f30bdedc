using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>What attempts write is kept by attempt, followed while they run, and bounded.</summary>
public sealed class TaskOutputTests : IAsyncLifetime
{
    private const int QuotaBytes = 64 * 1024;
    private const long FloodBytes = 200L * 1024 * 1024;

    private FaultDaemon _daemon = null!;

    public async Task InitializeAsync() =>
        _daemon = await FaultDaemon.StartAsync(null, "--set", $"logs.bytes_per_attempt={QuotaBytes}");

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task A_flood_of_output_is_cut_and_takes_neither_memory_nor_the_siblings()
    {
        await using var pool = await _daemon.AddPoolAsync(3);
        using var sibling = await pool.HoldAsync();
        var before = Processes.StatusBytes(_daemon.ProcessId, "VmRSS");

        var task = await pool.SubmitAsync<long, long>("flood", FloodBytes);
        Assert.Equal(9, await (await pool.SubmitAsync<int, int>("square", 3)).GetResultAsync());

        Assert.Equal(FloodBytes, await task.GetResultAsync());
        var info = await task.GetInfoAsync();
        Assert.Equal((1, 0), (info.Attempt, info.LostDeliveries));
        var (kept, dropped) = Count(await ReadAsync(task));
        Assert.InRange(kept, QuotaBytes / 4, QuotaBytes);
        Assert.Equal(2 * FloodBytes, kept + dropped);
        var peak = Processes.StatusBytes(_daemon.ProcessId, "VmHWM");
        Assert.InRange(peak - before, 0, FloodBytes / 2);
        await pool.IsFullAsync();
        await sibling.WasNotDisturbedAsync();
    }

    [Fact]
    public async Task Every_attempt_has_its_own_output()
    {
        await using var pool = await _daemon.AddPoolAsync(2);
        var task = await pool.DieAsync("exit-1", faultyAttempts: 2);
        await task.WaitAsync();
        var after = await pool.SubmitAsync<int, int>("square", 3);
        await after.WaitAsync();

        var attempts = (await ReadAsync(task)).ToLookup(entry => entry.Attempt, entry => entry.ReadText());
        Assert.Equal([1, 2], attempts.Select(attempt => attempt.Key));
        Assert.Contains("exit-1 in attempt 1\n", string.Concat(attempts[1]), StringComparison.Ordinal);
        Assert.Contains("exit-1 in attempt 2\n", string.Concat(attempts[2]), StringComparison.Ordinal);
        Assert.DoesNotContain("attempt 2", string.Concat(attempts[1]), StringComparison.Ordinal);
        var second = await ReadAsync(task, attempt: 2);
        Assert.All(second, entry => Assert.Equal(2, entry.Attempt));
        Assert.Equal(
            [("exit-1 in attempt 2\n", LogSource.Stderr), ("out of attempt 2\n", LogSource.Stdout)],
            second.Select(entry => (entry.ReadText(), entry.Source)).OrderBy(entry => entry.Item1));
        Assert.Empty(await ReadAsync(after));
    }

    [Fact]
    public async Task Output_is_followed_while_the_attempt_runs()
    {
        await using var pool = await _daemon.AddPoolAsync(1);
        using var gate = _daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("two-lines", gate.Path);
        await gate.ArrivedAsync();

        List<(string, LogSource)> followed = [];
        await foreach (var entry in task.ReadLogsAsync(follow: true))
        {
            // The first line is here while the handler still stands at the gate.
            followed.Add((entry.ReadText(), entry.Source));
            gate.Open();
        }

        Assert.Equal(("before\n", LogSource.Stdout), followed[0]);
        Assert.Equal(
            [("after\n", LogSource.Stderr), ("logged\n", LogSource.Log)],
            followed.Skip(1).OrderBy(entry => entry.Item1));
        Assert.Equal(TaskState.Succeeded, (await task.GetInfoAsync()).State);
    }

    [Fact]
    public async Task The_output_of_a_command_is_bounded_in_its_log_and_in_its_result()
    {
        const int written = 10_000_000;
        var task = await _daemon.Client.SubmitExecAsync(new ExecRequest
        {
            Arguments = ["sh", "-c", $"yes | head -c {written}"],
            OutputBytesMax = 1000,
        });

        var result = ExecResult.Read(await task.WaitAsync())!;

        Assert.Equal((0, 1000), (result.ExitCode, result.Stdout.Length));
        Assert.Equal(written - 1000, result.StdoutDroppedBytes);
        var (kept, dropped) = Count(await ReadAsync(task));
        Assert.InRange(kept, QuotaBytes / 4, QuotaBytes);
        Assert.Equal(written, kept + dropped);
    }

    private async Task<List<TaskLogEntry>> ReadAsync(TaskHandle task, int? attempt = null)
    {
        List<TaskLogEntry> entries = [];
        await foreach (var entry in _daemon.Client.ReadTaskLogsAsync(task.Id, attempt: attempt))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private static (long Kept, long Dropped) Count(List<TaskLogEntry> entries) =>
        (entries.Sum(entry => (long)entry.Data.Length), entries.Sum(entry => entry.DroppedBytes));
}
