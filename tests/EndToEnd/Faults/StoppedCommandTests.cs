using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>Commands that do not want to stop are stopped with all that they have started.</summary>
public sealed class StoppedCommandTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private const string Script = """
        trap '' TERM
        sleep 1000 & setsid sleep 1000 & (setsid sleep 1000 &)
        echo started
        while :; do sleep 1000; done
        """;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    private QueuedClient Client => shared.Daemon.Client;

    [Fact]
    public async Task A_cancel_ends_the_whole_tree_of_a_command_that_ignores_SIGTERM()
    {
        var task = await Client.SubmitExecAsync(Stubborn());
        var worker = await StartedAsync(task);

        await task.CancelAsync("enough", Short);

        var outcome = await task.WaitAsync();
        Assert.Equal((TaskState.Cancelled, FailureKind.Cancelled), (outcome.State, outcome.Failure!.Kind));
        Assert.Equal(Processes.KillSignal, outcome.Failure.Signal);
        await IsGoneAsync(worker);
    }

    [Fact]
    public async Task A_timeout_ends_the_whole_tree_of_a_command_that_ignores_SIGTERM()
    {
        var options = new SubmitOptions { Timeout = TimeSpan.FromSeconds(1), Grace = Short };
        var task = await Client.SubmitExecAsync(Stubborn(), options);
        var worker = await StartedAsync(task);

        var outcome = await task.WaitAsync();

        Assert.Equal((TaskState.TimedOut, FailureKind.Timeout), (outcome.State, outcome.Failure!.Kind));
        Assert.Equal(Processes.KillSignal, outcome.Failure.Signal);
        Assert.Contains("started\n", outcome.Failure.OutputTail, StringComparison.Ordinal);
        await IsGoneAsync(worker);
    }

    [Fact]
    public async Task A_command_that_listens_to_SIGTERM_ends_by_itself()
    {
        var task = await Client.SubmitExecAsync(new ExecRequest
        {
            Arguments = ["sh", "-c", "trap 'echo bye; exit 4' TERM; echo started; while :; do sleep 0.05; done"],
        });
        await StartedAsync(task);

        await task.CancelAsync(grace: TimeSpan.FromMinutes(5));

        var outcome = await task.WaitAsync();
        Assert.Equal((TaskState.Cancelled, 4), (outcome.State, outcome.Failure!.ExitCode));
        Assert.Contains("bye\n", outcome.Failure.OutputTail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Children_that_a_command_leaves_behind_end_with_it()
    {
        var task = await Client.SubmitExecAsync(new ExecRequest
        {
            Arguments = ["sh", "-c", "sleep 1000 & setsid sleep 1000 & (setsid sleep 1000 &); echo done"],
        });

        var outcome = await task.WaitAsync();

        Assert.Equal(TaskState.Succeeded, outcome.State);
        await IsGoneAsync(outcome.WorkerId);
    }

    private static ExecRequest Stubborn() => new() { Arguments = ["sh", "-c", Script] };

    private static async Task<string> StartedAsync(TaskHandle task)
    {
        await foreach (var entry in task.ReadLogsAsync(follow: true))
        {
            Assert.Equal("started\n", entry.ReadText());
            break;
        }

        return (await task.GetInfoAsync()).Attempts[0].WorkerId;
    }

    private Task IsGoneAsync(string worker) => Eventually.IsTrueAsync(
        () => Processes.WithEnvironment(shared.Daemon.Socket, $"QUEUED_WORKER_ID={worker}\0").Count == 0,
        $"an end of all that {worker} has started");
}
