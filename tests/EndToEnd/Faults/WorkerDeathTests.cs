using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>A worker that dies takes nothing with it but its own attempt, and leaves a record of how.</summary>
public sealed class WorkerDeathTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    public static TheoryData<string, FailureKind, int?, int?> Deaths => new()
    {
        { "exit-0", FailureKind.ExitCode, 0, null },
        { "exit-1", FailureKind.ExitCode, 1, null },
        { "abort", FailureKind.Signal, null, 6 },
        { "segv", FailureKind.Signal, null, 11 },
        { "kill", FailureKind.Signal, null, 9 },
    };

    private FaultDaemon Daemon => shared.Daemon;

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_dead_workers_task_runs_again_on_a_sibling(
        string handler, FailureKind kind, int? exitCode, int? signal)
    {
        await using var pool = await Daemon.AddPoolAsync(3);
        using var sibling = await pool.HoldAsync();

        var task = await pool.DieAsync(handler, faultyAttempts: 1);
        var outcome = await task.WaitAsync();

        Assert.Equal((TaskState.Succeeded, 2), (outcome.State, outcome.Attempt));
        var info = await task.GetInfoAsync();
        Assert.Equal((0, 1), (info.FailedAttempts, info.LostDeliveries));
        Assert.Null(info.Failure);
        Assert.Equal([1, 2], info.Attempts.Select(attempt => attempt.Attempt));
        var dead = info.Attempts[0];
        IsRecordOf(dead.Failure, handler, kind, exitCode, signal, attempt: 1);
        Assert.Equal((dead.WorkerId, dead.ProcessId), (dead.Failure!.WorkerId, dead.Failure.ProcessId));
        Assert.False(Processes.Exists(dead.ProcessId!.Value));
        Assert.Null(info.Attempts[1].Failure);
        Assert.NotEqual(dead.WorkerId, info.Attempts[1].WorkerId);
        Assert.Equal(info.Attempts[1].ProcessId, await task.GetResultAsync());

        await pool.IsFullAsync();
        Assert.DoesNotContain(await pool.WorkersAsync(), worker => worker.Id == dead.WorkerId);
        await sibling.WasNotDisturbedAsync();
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_task_that_kills_its_workers_ends_as_a_dead_letter(
        string handler, FailureKind kind, int? exitCode, int? signal)
    {
        await using var pool = await Daemon.AddPoolAsync(3);
        using var sibling = await pool.HoldAsync();

        var options = new SubmitOptions { Retry = new RetryPolicy { MaxDeliveries = 2 } };
        var task = await pool.DieAsync(handler, faultyAttempts: int.MaxValue, options);
        var outcome = await task.WaitAsync();

        Assert.Equal((TaskState.Failed, 2), (outcome.State, outcome.Attempt));
        IsRecordOf(outcome.Failure, handler, kind, exitCode, signal, attempt: 2);
        var dead = Assert.Single(await pool.DeadAsync());
        Assert.Equal(task.Id, dead.Id);
        Assert.Equal((0, 2), (dead.FailedAttempts, dead.LostDeliveries));
        var info = await task.GetInfoAsync();
        Assert.Equal(2, info.Attempts.Select(attempt => attempt.ProcessId).Distinct().Count());
        Assert.All(info.Attempts, attempt => IsRecordOf(
            attempt.Failure, handler, kind, exitCode, signal, attempt.Attempt));

        await pool.IsFullAsync();
        await sibling.WasNotDisturbedAsync();
    }

    [Fact]
    public async Task Children_that_hold_the_pipes_keep_nobody_waiting_and_do_not_outlive_their_worker()
    {
        await using var pool = await Daemon.AddPoolAsync(3);
        using var sibling = await pool.HoldAsync();

        var task = await pool.DieAsync("leave-children", faultyAttempts: 1);

        Assert.Equal((TaskState.Succeeded, 2), ((await task.WaitAsync()).State, (await task.WaitAsync()).Attempt));
        var dead = (await task.GetInfoAsync()).Attempts[0];
        IsRecordOf(dead.Failure, "leave-children", FailureKind.ExitCode, 7, null, attempt: 1);
        await Eventually.IsTrueAsync(
            () => Processes.WithEnvironment(Daemon.Socket, $"QUEUED_WORKER_ID={dead.WorkerId}\0").Count == 0,
            $"an end of what {dead.WorkerId} has left");
        await pool.IsFullAsync();
        await sibling.WasNotDisturbedAsync();
    }

    [Fact]
    public async Task A_thrown_error_is_retried_in_a_worker_that_lives_on()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var worker = Assert.Single(await pool.WorkersAsync());

        var options = new SubmitOptions
        {
            Retry = new RetryPolicy { MaxAttempts = 3, InitialBackoff = TimeSpan.FromMilliseconds(10) },
        };
        var task = await pool.DieAsync("fail", faultyAttempts: 2, options);

        Assert.Equal(worker.ProcessId, await task.GetResultAsync());
        var info = await task.GetInfoAsync();
        Assert.Equal((2, 0), (info.FailedAttempts, info.LostDeliveries));
        Assert.All(info.Attempts.SkipLast(1), attempt =>
        {
            Assert.Equal(FailureKind.Error, attempt.Failure!.Kind);
            Assert.Equal("System.InvalidOperationException", attempt.Failure.ErrorType);
            Assert.Equal("as asked", attempt.Failure.Message);
        });
    }

    [Fact]
    public async Task A_result_longer_than_a_message_may_be_goes_by_shared_memory()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var limit = (int)(await Daemon.Client.GetStatusAsync()).Limits["payload_bytes_max"];

        var task = await pool.SubmitAsync<int, string>("long-result", limit);
        Assert.Equal(limit, (await task.GetResultAsync()).Length);
        Assert.Equal(9, await (await pool.SubmitAsync<int, int>("square", 3)).GetResultAsync());
    }

    private static void IsRecordOf(
        TaskFailure? failure, string handler, FailureKind kind, int? exitCode, int? signal, int attempt)
    {
        Assert.NotNull(failure);
        Assert.Equal((kind, exitCode, signal), (failure.Kind, failure.ExitCode, failure.Signal));
        Assert.NotEqual("", failure.Message);
        Assert.Contains($"{handler} in attempt {attempt}\n", failure.OutputTail, StringComparison.Ordinal);
        Assert.Contains($"out of attempt {attempt}\n", failure.OutputTail, StringComparison.Ordinal);

        // The kernel's number is the worker's own only where it is above the daemon's.
        Assert.True(failure.PeakResidentBytes is null or > 1024 * 1024);
        Assert.True(failure.CpuTime > TimeSpan.Zero);
    }
}
