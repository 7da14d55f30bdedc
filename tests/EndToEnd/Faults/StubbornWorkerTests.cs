using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>Workers that do not stop when they are asked to, or do not answer at all, are made to stop.</summary>
public sealed class StubbornWorkerTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private FaultDaemon Daemon => shared.Daemon;

    [Fact]
    public async Task An_endless_loop_is_ended_by_its_hard_timeout()
    {
        await using var pool = await Daemon.AddPoolAsync(3, spec => spec with { TermGrace = Short });
        using var sibling = await pool.HoldAsync();

        var options = new SubmitOptions { Timeout = Short, Grace = Short };
        var task = await pool.DieAsync("loop", faultyAttempts: 1, options);
        var outcome = await task.WaitAsync();

        Assert.Equal((TaskState.TimedOut, 1), (outcome.State, outcome.Attempt));
        IsTimeout(outcome.Failure, "loop in attempt 1\n");
        Assert.False(Processes.Exists(outcome.Failure!.ProcessId!.Value));
        Assert.Equal(task.Id, Assert.Single(await pool.DeadAsync()).Id);
        await pool.IsFullAsync();
        await sibling.WasNotDisturbedAsync();
    }

    [Fact]
    public async Task An_attempt_that_timed_out_is_tried_again_while_attempts_are_left()
    {
        await using var pool = await Daemon.AddPoolAsync(2, spec => spec with { TermGrace = Short });

        var options = new SubmitOptions
        {
            // The second attempt has to be done in it on a busy machine, too.
            Timeout = TimeSpan.FromSeconds(2),
            Grace = TimeSpan.Zero,
            Retry = new RetryPolicy { MaxAttempts = 2, InitialBackoff = TimeSpan.FromMilliseconds(10) },
        };
        var task = await pool.DieAsync("loop", faultyAttempts: 1, options);
        var outcome = await task.WaitAsync();

        Assert.Equal((TaskState.Succeeded, 2), (outcome.State, outcome.Attempt));
        var info = await task.GetInfoAsync();
        Assert.Equal((1, 0), (info.FailedAttempts, info.LostDeliveries));
        IsTimeout(info.Attempts[0].Failure, "loop in attempt 1\n");
        await pool.IsFullAsync();
    }

    [Fact]
    public async Task A_cancel_ends_a_handler_that_ignores_it_in_a_process_that_ignores_SIGTERM()
    {
        await using var pool = await Daemon.AddPoolAsync(3, spec => spec with
        {
            Command = [FaultDaemon.Worker, "--ignore-sigterm"],
            TermGrace = Short,
        });
        using var sibling = await pool.HoldAsync();
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("ignore-cancel", gate.Path);
        await gate.ArrivedAsync();
        var worker = (await task.GetInfoAsync()).Attempts[0];

        var asked = await task.CancelAsync("not wanted any more", Short);

        Assert.Equal((TaskState.Running, true), (asked.State, asked.CancelRequested));
        var outcome = await task.WaitAsync();
        Assert.Equal(TaskState.Cancelled, outcome.State);
        Assert.Equal(FailureKind.Cancelled, outcome.Failure!.Kind);
        Assert.Contains("not wanted any more", outcome.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(Processes.KillSignal, outcome.Failure.Signal);
        Assert.Equal(worker.ProcessId, outcome.Failure.ProcessId);
        Assert.False(Processes.Exists(worker.ProcessId!.Value));
        await pool.IsFullAsync();
        await sibling.WasNotDisturbedAsync();
    }

    [Fact]
    public async Task A_handler_that_listens_is_cancelled_without_the_loss_of_its_worker()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("hold", gate.Path);
        await gate.ArrivedAsync();
        var worker = Assert.Single(await pool.WorkersAsync());

        await task.CancelAsync();

        var outcome = await task.WaitAsync();
        Assert.Equal(TaskState.Cancelled, outcome.State);
        Assert.Equal(9, await (await pool.SubmitAsync<int, int>("square", 3)).GetResultAsync());
        Assert.Equal(worker.Id, Assert.Single(await pool.WorkersAsync()).Id);
    }

    [Fact]
    public async Task A_hung_worker_is_killed_and_replaced()
    {
        await using var pool = await Daemon.AddPoolAsync(
            3, spec => spec with { HeartbeatTimeout = TimeSpan.FromSeconds(5) });
        using var sibling = await pool.HoldAsync();
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("hold", gate.Path);
        await gate.ArrivedAsync();
        var hung = (await task.GetInfoAsync()).Attempts[0];

        Processes.Signal(hung.ProcessId!.Value, Processes.StopSignal);

        // The second attempt, on another worker.
        await gate.ArrivedAsync();
        gate.Open();
        var outcome = await task.WaitAsync();
        Assert.Equal((TaskState.Succeeded, 2), (outcome.State, outcome.Attempt));
        Assert.NotEqual(hung.WorkerId, outcome.WorkerId);
        var info = await task.GetInfoAsync();
        Assert.Equal((0, 1), (info.FailedAttempts, info.LostDeliveries));
        Assert.Equal(FailureKind.Timeout, info.Attempts[0].Failure!.Kind);
        Assert.Contains("silent", info.Attempts[0].Failure!.Message, StringComparison.Ordinal);
        Assert.False(Processes.Exists(hung.ProcessId.Value));
        await pool.IsFullAsync();
        await sibling.WasNotDisturbedAsync();
    }

    [Fact]
    public async Task A_worker_that_is_told_to_die_gives_its_task_to_another()
    {
        await using var pool = await Daemon.AddPoolAsync(2, spec => spec with { TermGrace = Short });
        using var gate = Daemon.AddGate();
        var task = await pool.SubmitAsync<string, int>("hold", gate.Path);
        await gate.ArrivedAsync();
        var first = (await task.GetInfoAsync()).Attempts[0];

        await Daemon.Client.Workers.StopAsync(first.WorkerId, kill: true);

        await gate.ArrivedAsync();
        gate.Open();
        var outcome = await task.WaitAsync();
        Assert.Equal((TaskState.Succeeded, 2), (outcome.State, outcome.Attempt));
        Assert.False(Processes.Exists(first.ProcessId!.Value));
        await pool.IsFullAsync();
    }

    private static void IsTimeout(TaskFailure? failure, string output)
    {
        Assert.NotNull(failure);
        Assert.Equal(FailureKind.Timeout, failure.Kind);
        Assert.Equal(Processes.KillSignal, failure.Signal);
        Assert.Contains(output, failure.OutputTail, StringComparison.Ordinal);
    }
}
