using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

/// <summary>Standard streams that are closed or full.</summary>
public sealed class ClosedStreamTests
{
    [Theory]
    [InlineData("$Q exec -- cat <&-", 0, "")]
    [InlineData("$Q run echo - <&-", 0, "")]
    [InlineData("$Q map echo <&-", 0, "")]
    [InlineData("$Q exec -n -- hello 2>&-", 0, "\x1b[32mout\x1b[0mput\n")]
    [InlineData("$Q exec -n -- exit 3 2>&-", 3, "\x1b[32mout\x1b[0mput\n")]
    [InlineData("$Q exec -n -- exit 3 >&-", 3, "")]
    [InlineData("$Q exec -n -- exit 3 <&- >&- 2>&-", 3, "")]
    [InlineData("$Q run fail 2>&-", ExitCode.Failed, "")]
    [InlineData("$Q run fail 2>/dev/full", ExitCode.Failed, "")]
    [InlineData("$Q run echo 1 >&-", 0, "")]
    [InlineData("$Q --help >&-", 0, "")]
    public async Task A_stream_that_is_not_there_changes_nothing_else(string script, int exitCode, string output)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using QueueCtlProcess process = QueueCtlProcess.OfShell(daemon, script);
        Answer answer = await process.EndAsync();
        bool isCat = script.Contains("cat", StringComparison.Ordinal);
        Assert.Equal((exitCode, isCat ? "\x1b[32mout\x1b[0mput\n" : output), (answer.ExitCode, answer.Output));
    }

    [Theory]
    [InlineData("$Q run echo 1 >/dev/full", ExitCode.Failed)]
    [InlineData("$Q --help >/dev/full", ExitCode.Failed)]
    [InlineData("$Q exec -n -- never >/dev/full", ExitCode.ExecFailed)]
    [InlineData("yes 1 2>/dev/null | $Q map echo -k >/dev/full", ExitCode.Failed)]
    public async Task Output_that_cannot_be_written_is_told_with_its_reason(string script, int exitCode)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using QueueCtlProcess process = QueueCtlProcess.OfShell(daemon, script);
        Answer answer = await process.EndAsync();
        Assert.Equal(exitCode, answer.ExitCode);
        Assert.EndsWith(
            "queuectl: cannot write to standard output: No space left on device\n", answer.Error);
    }
}
