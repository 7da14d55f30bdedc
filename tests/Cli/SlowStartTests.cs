using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

public sealed class SlowStartTests
{
    [Theory]
    [InlineData("run unstarted --queue paused", 1)]
    [InlineData("exec -n --queue paused -- unstarted", 1)]
    [InlineData("wait 1", 1)]
    [InlineData("wait 1 2", 1)]
    public async Task Who_waits_for_a_task_that_does_not_start_is_told_why(string line, ulong id)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        if (line.StartsWith("wait", StringComparison.Ordinal))
        {
            await daemon.RunAsync("submit unstarted --queue paused");
            await daemon.RunAsync("submit unstarted --queue paused");
        }

        using var process = new QueueCtlProcess(daemon, line);
        Assert.Equal(
            $"Task {id} has not started: queue paused is paused. `queuectl queue resume paused` ends that.",
            await process.ErrorLineAsync("Task "));
        daemon.Tasks.EndAll();
        await process.EndAsync();
    }

    [Fact]
    public async Task Not_to_find_out_why_is_no_failure()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Task<Answer> running = Invocation.RunAsync(
            ["--address", daemon.Address, "run", "unstarted", "--queue", "absent"],
            FakeTerminal.Of(patience: TimeSpan.Zero));
        Assert.Equal("absent", await daemon.Queues.Asked.Reader.ReadAsync());
        daemon.Tasks.EndAll();
        Assert.Equal(new Answer(ExitCode.Failed, "", "queuectl: Task 1 was cancelled in attempt 1.\n"), await running);
    }
}
