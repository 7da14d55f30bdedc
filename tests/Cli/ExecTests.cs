using System.Text.Json;
using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

public sealed class ExecTests
{
    [Theory]
    [InlineData("hello", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit 255", 255)]
    [InlineData("signal 9", 137)]
    [InlineData("signal 15", 143)]
    [InlineData("oom", 137)]
    [InlineData("late", ExitCode.TimedOut)]
    [InlineData("missing", ExitCode.CommandNotFound)]
    [InlineData("/missing", ExitCode.CommandNotFound)]
    [InlineData("/forbidden", ExitCode.NotExecutable)]
    [InlineData("nowhere", ExitCode.ExecFailed)]
    [InlineData("lost", ExitCode.ExecFailed)]
    public async Task The_code_is_what_a_shell_would_say(string command, int exitCode)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal(exitCode, (await daemon.RunAsync($"exec -- {command}")).ExitCode);
        Answer json = await daemon.RunAsync($"exec --json -- {command}");
        Assert.Equal(exitCode, json.ExitCode);
        using var document = JsonDocument.Parse(json.Output);
        Assert.Equal(exitCode, document.RootElement.GetProperty("exit_code").GetInt32());
    }

    [Fact]
    public async Task Output_goes_where_the_command_sent_it()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal(new Answer(0, "\x1b[32mout\x1b[0mput\n", "err\n"), await daemon.RunAsync("exec -- hello"));
    }

    [Fact]
    public async Task On_a_terminal_escapes_are_taken_out_unless_raw()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        foreach (bool raw in (bool[])[false, true])
        {
            using FakeTerminal terminal = FakeTerminal.Of(outputIsTerminal: true);
            using var interruption = new Interruption();
            string[] flags = raw ? ["--raw"] : [];
            await QueueCtl.RunAsync(
                ["--address", daemon.Address, "exec", .. flags, "--", "hello"], terminal.Terminal, interruption);
            Assert.Equal(raw ? "\x1b[32mout\x1b[0mput\n" : "output\n", terminal.Output);
        }
    }

    [Fact]
    public async Task A_command_gets_stdin_environment_and_directory()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal("from stdin", Stdout(await daemon.RunAsync("exec --json -- cat", "from stdin")));
        Assert.Equal("", Stdout(await daemon.RunAsync("exec --json -n -- cat", "from stdin")));
        Assert.Equal(
            ["/srv", "A=1", "B=x=y"],
            Stdout(await daemon.RunAsync("exec --json -e A=1 --env B=x=y --cwd /srv -- env"))
                .Split('\n').Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Options_of_the_command_are_its_own_with_and_without_dashes()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        await daemon.RunAsync("exec --timeout 5s hello --timeout 1s -q --json");
        await daemon.RunAsync("exec --timeout 5s -- hello --timeout 1s -q --json");
        foreach (ScriptedTask task in daemon.Tasks.All)
        {
            Assert.Equal(5, task.Spec.Timeout.Seconds);
            var command = Protocol.V1.ExecCommand.Parser.ParseFrom(task.Spec.Payload.Data);
            Assert.Equal(["hello", "--timeout", "1s", "-q", "--json"], command.Argv);
        }
    }

    [Theory]
    [InlineData(0, ExitCode.ExecFailed)]
    [InlineData(3, 3)]
    public async Task Output_that_is_missing_is_told_once_and_is_no_success(int ownCode, int exitCode)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync($"exec -n -q -- flood {ownCode}");
        Assert.Equal((exitCode, "\x1b[32mout\x1b[0mput\nmore\n"), (answer.ExitCode, answer.Output));
        string line = Assert.Single(answer.Error.TrimEnd().Split('\n'), line => line != "err");
        Assert.StartsWith("queuectl: 1234567 bytes of the command's output are missing: ", line);
        Assert.Contains("logs.bytes_per_attempt", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Detached_it_prints_the_number()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal(new Answer(0, "1\n", ""), await daemon.RunAsync("exec -d -- never"));
    }

    private static string Stdout(Answer answer)
    {
        using var document = JsonDocument.Parse(answer.Output);
        JsonElement stdout = document.RootElement.GetProperty("exec").GetProperty("stdout");
        return stdout.TryGetProperty("text", out JsonElement text) ? text.GetString()! : "";
    }
}
