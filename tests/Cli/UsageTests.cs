namespace Queued.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("nonsense 12", "There is no verb 'nonsense'; queuectl has run, submit, map, exec")]
    [InlineData("--nonsense", "There is no option '--nonsense', and a verb is missing; queuectl has run, submit")]
    [InlineData("queue", "A verb is missing; queuectl queue has list, show, declare")]
    [InlineData("queue nonsense", "There is no verb 'nonsense'; queuectl queue has list, show")]
    [InlineData("submit", "HANDLER")]
    [InlineData("submit h --priority 1000", "--priority: '1000' is not a number from -128 to 127.")]
    [InlineData("submit h --delay soon", "--delay: 'soon' is not a duration such as 500ms")]
    [InlineData("submit h --delay=-5s", "--delay: '-5s' is negative, not a duration such as 500ms")]
    [InlineData("submit h --delay -1s", "--delay: '-1s' is negative, not a duration such as 500ms")]
    [InlineData("submit h --delay 1s --run-at 2026-01-01", "--delay and --run-at exclude each other.")]
    [InlineData("submit h --retries 1 --max-attempts 2", "give one")]
    [InlineData("submit h --label nothing", "--label: 'nothing' is not NAME=VALUE.")]
    [InlineData(
        "wait 5 --timeout 60d", "--timeout: '60d' is not a duration such as 500ms, 30s, 1h30m or 2d, at most 49d")]
    [InlineData("show x", "'x' is not a task's number.")]
    [InlineData("wait", "ID")]
    [InlineData("list --state happy", "'happy' is not one of scheduled, queued, running")]
    [InlineData("dead requeue q", "--all")]
    [InlineData("dead requeue q 1 --all", "--all")]
    [InlineData("pool create p", "a command after --, or --exec")]
    [InlineData("pool create p --memory-hard lots --exec", "--memory-hard: 'lots' is not a size")]
    [InlineData("pool scale p many", "many")]
    [InlineData("exec", "CMD")]
    [InlineData("map h words", "it must be - or @FILE")]
    public async Task A_command_line_that_is_not_allowed_names_what_is_wrong(string line, string expected)
    {
        Answer answer = await Invocation.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(ExitCode.Usage, answer.ExitCode);
        Assert.Empty(answer.Output);
        Assert.StartsWith("queuectl: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains(expected, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("queue --help")]
    [InlineData("exec --help")]
    public async Task Help_is_data(string line)
    {
        Answer answer = await Invocation.RunAsync(line.Split(' '));
        Assert.Equal(ExitCode.Ok, answer.ExitCode);
        Assert.Contains("Usage:", answer.Output, StringComparison.Ordinal);
        Assert.Empty(answer.Error);
    }

    [Fact]
    public async Task Without_a_verb_the_help_is_talk_and_the_command_line_is_bad()
    {
        Answer answer = await Invocation.RunAsync([]);
        Assert.Equal((ExitCode.Usage, ""), (answer.ExitCode, answer.Output));
        Assert.Contains("Usage:", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Run a handler over every line of JSON", answer.Error, StringComparison.Ordinal);
        Assert.EndsWith("queuectl: A verb is missing.\n", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_of_exec_keeps_its_own_options()
    {
        // It is refused for the daemon that is not there, not for --nonsense or --help.
        using var directory = new TemporaryDirectory();
        Answer answer = await Invocation.RunAsync(
            ["--address", "unix:" + directory.File("absent.sock"), "exec", "-n", "--", "cmd", "--nonsense", "--help"]);
        Assert.Equal(ExitCode.Unreachable, answer.ExitCode);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("list")]
    [InlineData("submit handler 1")]
    [InlineData("run handler 1")]
    [InlineData("map handler")]
    [InlineData("wait 1 2")]
    [InlineData("wait 1")]
    [InlineData("logs 1 -f")]
    [InlineData("cancel 1")]
    [InlineData("queue list")]
    [InlineData("lock list")]
    [InlineData("state get x")]
    [InlineData("exec -n -- true")]
    public async Task An_absent_daemon_is_told_at_once_with_its_address_and_what_to_do(string line)
    {
        using var directory = new TemporaryDirectory();
        string address = "unix:" + directory.File("absent.sock");
        Answer answer = await Invocation.RunAsync(["--address", address, .. line.Split(' ')]);
        Assert.Equal(ExitCode.Unreachable, answer.ExitCode);
        Assert.Empty(answer.Output);
        Assert.Contains(address, answer.Error, StringComparison.Ordinal);
        Assert.Contains("queued serve", answer.Error, StringComparison.Ordinal);
        Assert.Single(answer.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task An_error_is_one_json_object_where_json_was_asked_for()
    {
        using var directory = new TemporaryDirectory();
        Answer answer = await Invocation.RunAsync(
            ["status", "--json", "--address", "unix:" + directory.File("absent.sock")]);
        using var json = System.Text.Json.JsonDocument.Parse(answer.Error);
        Assert.Equal("DAEMON_UNREACHABLE", json.RootElement.GetProperty("error").GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_bad_address_is_a_mistake_of_the_command_line()
    {
        Answer answer = await Invocation.RunAsync(["status", "--address", "carrier-pigeon:coop"]);
        Assert.Equal(ExitCode.Usage, answer.ExitCode);
        Assert.Contains("--address", answer.Error, StringComparison.Ordinal);
    }
}
