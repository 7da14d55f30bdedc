using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>queuectl says what is wrong on stderr, nothing on stdout; the exit code says of which sort it is.</summary>
public sealed class RefusedCommandLineTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    [Theory]
    [InlineData("submit square 1 --queue nowhere", 4, "nowhere")]
    [InlineData("submit square 1 --queue not/a/name", 64, "queue")]
    [InlineData("submit not/a/name 1", 64, "handler")]
    [InlineData("submit square 1 --delay -5s", 64, "delay")]
    [InlineData("submit square 1 --priority 1000", 64, "priority")]
    [InlineData("submit square 1 --timeout 0s", 64, "timeout")]
    [InlineData("submit square 1 --label =x", 64, "label")]
    [InlineData("cancel 9007199254740991", 4, "9007199254740991")]
    [InlineData("cancel seven", 64, "seven")]
    [InlineData("pool create not/a/name --exec", 64, "name")]
    [InlineData("pool create p --exec --size 5000", 64, "1024")]
    [InlineData("pool scale nowhere 1", 4, "nowhere")]
    [InlineData("queue declare q --tasks-max -1", 64, "tasks")]
    [InlineData("worker stop seven", 64, "seven")]
    [InlineData("status --address unix:/no/such/socket", 69, "/no/such/socket")]
    [InlineData("status --address nonsense", 64, "address")]
    [InlineData("no-such-verb", 64, "no-such-verb")]
    public async Task What_is_wrong_is_named(string line, int exitCode, string named)
    {
        var run = await ProgramRun.OfAsync(BuiltPrograms.Cli, line.Split(' '), shared.Daemon.Environment);

        Assert.True(
            run.ExitCode == exitCode && run.Output.Length == 0 &&
            run.Errors.Contains(named, StringComparison.Ordinal),
            $"queuectl {line}\nexit code {run.ExitCode}, expected {exitCode}\n{run.Output}\n{run.Errors}");
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payload_over_the_limit_names_the_limit()
    {
        var file = Path.Combine(shared.Daemon.Folder, "large");
        await File.WriteAllBytesAsync(file, new byte[(4 * 1024 * 1024) + 1]);

        var run = await ProgramRun.OfAsync(
            BuiltPrograms.Cli, ["submit", "square", $"@{file}"], shared.Daemon.Environment);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains("payload_bytes_max", run.Errors, StringComparison.Ordinal);
    }
}
