using System.Text.Json;
using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

/// <summary>What the verbs print and return for each end that a task can come to.</summary>
public sealed class VerbTests
{
    [Fact]
    public async Task Run_prints_the_result_alone()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal(new Answer(0, "{\"a\":[1]}\n", ""), await daemon.RunAsync(["run", "echo", "{\"a\":[1]}"]));
        Assert.Equal("application/json", daemon.Tasks.All[^1].Spec.Payload.ContentType);
        Assert.Equal(new Answer(0, "word\n", ""), await daemon.RunAsync("run echo -", input: "word"));
        Assert.Equal("text/plain; charset=utf-8", daemon.Tasks.All[^1].Spec.Payload.ContentType);
        Assert.Equal(new Answer(0, "word", ""), await daemon.RunAsync("run echo word --raw --content-type x/y"));
        Assert.Equal("x/y", daemon.Tasks.All[^1].Spec.Payload.ContentType);
        Assert.Equal(new Answer(0, "", ""), await daemon.RunAsync("run echo"));
    }

    [Fact]
    public async Task A_terminal_gets_text_without_escapes_and_no_bytes_unless_raw()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal("plain\n", await OnTerminalAsync(daemon, "run text"));
        Assert.Equal("\x1b[31mplain", await OnTerminalAsync(daemon, "run text --raw"));
        Assert.Equal("", await OnTerminalAsync(daemon, "run bytes"));
        Assert.Equal("\ufffd\0", await OnTerminalAsync(daemon, "run bytes --raw"));
        Assert.DoesNotContain('\x1b', await OnTerminalAsync(daemon, "run text --json"));
    }

    [Theory]
    [InlineData("fail", "queuectl: Task 1 failed in attempt 1: error: System.Exception: kaput and more\n")]
    [InlineData("late", "queuectl: Task 1 ran out of time in attempt 1: timeout\n")]
    [InlineData("expired", "queuectl: Task 1 did not start in time in attempt 1: expired\n")]
    public async Task A_task_that_failed_is_one_line_on_stderr_and_1(string handler, string error)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal(new Answer(ExitCode.Failed, "", error), await daemon.RunAsync($"run {handler}"));
    }

    [Theory]
    [InlineData("QUEUE_FULL", ExitCode.TryAgain)]
    [InlineData("DAEMON_BUSY", ExitCode.TryAgain)]
    [InlineData("DAEMON_DRAINING", ExitCode.TryAgain)]
    [InlineData("LIMIT_REACHED", ExitCode.TryAgain)]
    [InlineData("INVALID_REQUEST", ExitCode.Usage)]
    [InlineData("PAYLOAD_TOO_LARGE", ExitCode.Usage)]
    [InlineData("QUEUE_NOT_FOUND", ExitCode.NotFound)]
    [InlineData("IDEMPOTENCY_CONFLICT", ExitCode.Failed)]
    [InlineData("QUEUE_DRAINING", ExitCode.Failed)]
    [InlineData("EXEC_DENIED", ExitCode.Failed)]
    public async Task A_refusal_has_its_code(string reason, int exitCode)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Assert.Equal(new Answer(exitCode, "", $"queuectl: No, {reason}.\n"), await daemon.RunAsync($"submit {reason}"));
    }

    [Fact]
    public async Task Submit_prints_the_number_and_sends_every_flag()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync(
            "submit never 5 --queue q --priority -3 --delay 1m --retries 2 --backoff 2s --timeout 3s --soft-timeout 1s "
            + "--grace 500ms --queue-timeout 1h --key k --key-ttl 2h --concurrency-key c=4 --result-ttl 10m "
            + "--label a=1 --label b=x=y --max-deliveries 7");
        Assert.Equal(new Answer(0, "1\n", ""), answer);
        var spec = daemon.Tasks.All[0].Spec;
        Assert.Equal("q", spec.Queue);
        Assert.Equal(-3, spec.Priority);
        Assert.Equal(60, spec.Delay.Seconds);
        Assert.Equal(3u, spec.Retry.MaxAttempts);
        Assert.Equal(7u, spec.Retry.MaxDeliveries);
        Assert.Equal(2, spec.Retry.InitialBackoff.Seconds);
        Assert.Equal(3, spec.Timeout.Seconds);
        Assert.Equal(1, spec.SoftTimeout.Seconds);
        Assert.Equal(500_000_000, spec.Grace.Nanos);
        Assert.Equal(3600, spec.QueueTimeout.Seconds);
        Assert.Equal("k", spec.IdempotencyKey.Key);
        Assert.Equal(7200, spec.IdempotencyKey.Ttl.Seconds);
        Assert.Equal("c", spec.ConcurrencyKey.Key);
        Assert.Equal(4u, spec.ConcurrencyKey.Limit);
        Assert.Equal(600, spec.ResultTtl.Seconds);
        Assert.Equal("x=y", spec.Labels["b"]);
    }

    [Fact]
    public async Task Wait_prints_results_and_any_failure_decides()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        await daemon.RunAsync("submit echo 1");
        await daemon.RunAsync("submit fail");
        await daemon.RunAsync("submit never");
        Assert.Equal(new Answer(0, "1\n", ""), await daemon.RunAsync("wait 1"));
        Answer both = await daemon.RunAsync("wait 1 2 -q");
        Assert.Equal((ExitCode.Failed, "1\n"), (both.ExitCode, both.Output));
        Answer any = await daemon.RunAsync("wait 1 3 --any --json");
        Assert.Equal(ExitCode.Ok, any.ExitCode);
        Assert.Equal(1, Parse(any.Output).GetProperty("task_id").GetInt32());
        Assert.Equal(ExitCode.TimedOut, (await daemon.RunAsync("wait 3 --timeout 10ms")).ExitCode);
        Assert.Equal(ExitCode.NotFound, (await daemon.RunAsync("wait 99")).ExitCode);
    }

    [Fact]
    public async Task Cancel_goes_on_after_one_that_failed_and_the_first_error_decides()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        await daemon.RunAsync("submit never");
        await daemon.RunAsync("submit never");
        Answer answer = await daemon.RunAsync("cancel 1 99 2 1");
        Assert.Equal(ExitCode.NotFound, answer.ExitCode);
        Assert.Contains("Task 99 is not there.", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Task 1 has ended.", answer.Error, StringComparison.Ordinal);
        Assert.Contains("Task 2 is cancelled.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_run_cancels_its_task()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        foreach (string line in (string[])["run never", "exec -n -- never"])
        {
            using FakeTerminal terminal = FakeTerminal.Of();
            using var interruption = new Interruption();
            Task<int> running = QueueCtl.RunAsync(
                ["--address", daemon.Address, .. line.Split(' ')], terminal.Terminal, interruption);
            ulong submitted = await daemon.Tasks.Submitted.Reader.ReadAsync();
            interruption.Interrupt(ExitCode.Interrupted);
            Assert.Equal(submitted, await daemon.Tasks.Cancelled.Reader.ReadAsync());
            Assert.Equal(ExitCode.Interrupted, await running);
        }
    }

    [Theory]
    [InlineData("run never")]
    [InlineData("exec -n -- never")]
    public async Task A_connection_that_breaks_is_not_a_daemon_to_be_started(string line)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Task<Answer> running = daemon.RunAsync(line);
        await daemon.Tasks.Submitted.Reader.ReadAsync();
        await daemon.DieAsync();
        Answer answer = await running;
        Assert.Equal(ExitCode.Unreachable, answer.ExitCode);
        Assert.DoesNotContain("queued serve", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_whose_connection_breaks_names_the_task_and_how_to_look()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        await daemon.RunAsync("submit never");
        Task<Answer> waiting = daemon.RunAsync("wait 1");
        await daemon.Tasks.Watched.Reader.ReadAsync();
        await daemon.DieAsync();
        Answer answer = await waiting;
        Assert.Equal(ExitCode.Unreachable, answer.ExitCode);
        Assert.EndsWith(
            " Task 1 was added; how it ends is not known here. `queuectl show 1` tells.\n", answer.Error);
    }

    [Fact]
    public async Task List_and_show_are_tables_for_people_and_json_for_programs()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        await daemon.RunAsync("submit fail 1 --label team=core");
        await daemon.RunAsync("submit echo 2");

        Answer list = await daemon.RunAsync("list");
        Assert.Matches(@"^ID  STATE +HANDLER", list.Output);
        Assert.Matches(@"(?m)^1   failed +fail +default +1 +\S+ +2s +error: System.Exception: kaput and more$",
            list.Output);
        Assert.Equal(2, (await daemon.RunAsync("list --json")).Output.TrimEnd().Split('\n').Length);
        Assert.Single((await daemon.RunAsync("list --json --limit 1")).Output.TrimEnd().Split('\n'));

        Answer show = await daemon.RunAsync("show 1");
        Assert.Contains("team=core", show.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\x1b', show.Output);
        JsonElement json = Parse((await daemon.RunAsync("show 1 --json")).Output);
        Assert.Equal("failed", json.GetProperty("state").GetString());
        Assert.Equal("error", json.GetProperty("failure").GetProperty("kind").GetString());
        Assert.Equal(2, Parse((await daemon.RunAsync("show 2 --json")).Output).GetProperty("result").GetProperty("json")
            .GetInt32());
        Assert.Equal(ExitCode.NotFound, (await daemon.RunAsync("show 77")).ExitCode);
    }

    [Fact]
    public async Task Logs_are_bytes_for_pipes_and_pieces_for_programs()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        await daemon.RunAsync("exec -n -- hello");
        Assert.Equal("\x1b[32mouterr\n\x1b[0mput\n", (await daemon.RunAsync("logs 1")).Output);
        string[] pieces = (await daemon.RunAsync("logs 1 --json")).Output.TrimEnd().Split('\n');
        Assert.Equal(["stdout", "stderr", "stdout"], pieces.Select(piece =>
            Parse(piece).GetProperty("source").GetString()));
        Assert.Equal("err\n", Parse(pieces[1]).GetProperty("text").GetString());
    }

    [Fact]
    public async Task Status_shows_problems_without_their_escapes()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync("status");
        Assert.Contains("9.9.9", answer.Output, StringComparison.Ordinal);
        Assert.Contains("  The disk is full.", answer.Output, StringComparison.Ordinal);
        Assert.False(Parse((await daemon.RunAsync("status --json")).Output).GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task Input_beyond_the_daemons_limit_is_refused_here()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync("submit echo -", new string('x', ScriptedStatus.PayloadBytesMax + 1));
        Assert.Equal(ExitCode.Usage, answer.ExitCode);
        Assert.Contains("payload_bytes_max", answer.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Tasks.All);
    }

    private static async Task<string> OnTerminalAsync(ScriptedDaemon daemon, string line)
    {
        using FakeTerminal terminal = FakeTerminal.Of(outputIsTerminal: true);
        using var interruption = new Interruption();
        await QueueCtl.RunAsync(["--address", daemon.Address, .. line.Split(' ')], terminal.Terminal, interruption);
        return terminal.Output;
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
