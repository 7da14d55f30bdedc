using System.Text.Json;
using Queued.Client;
using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests.CommandLine;

/// <summary>
/// queuectl against a real daemon with real workers: stdout, stderr and exit code of every verb. What each way of
/// ending looks like is tested with a scripted daemon, in tests/Cli.
/// </summary>
[Collection(nameof(SamplesTests))]
public sealed class QueueCtlTests(SharedDocumentedDaemon shared) : IClassFixture<SharedDocumentedDaemon>
{
    private readonly DocumentedDaemon _daemon = shared.Daemon;

    [Fact]
    public async Task Run_submit_and_wait_give_results()
    {
        await IsAsync("run square 12", 0, "144\n");
        var id = (await RunAsync("submit square 5 --label team=core")).Succeeds().Output.Trim();
        await IsAsync($"wait {id}", 0, "25\n");
        await IsAsync($"wait {id} --any", 0, "25\n");

        var outcome = Json(await RunAsync("run square 3 --json"));
        Assert.Equal("succeeded", outcome.GetProperty("state").GetString());
        Assert.Equal(9, outcome.GetProperty("result").GetProperty("json").GetInt32());

        var failed = await RunAsync("run square word");
        Assert.Equal((1, ""), (failed.ExitCode, failed.Output));
        Assert.Matches(@"^queuectl: Task \d+ failed.*: rejected", failed.Errors);

        var absent = await RunAsync("run no-such-handler 1");
        Assert.Equal(1, absent.ExitCode);
        Assert.Contains("square", absent.Errors, StringComparison.Ordinal);
        await IsAsync("wait 9007199254740991", 4, "");
        await IsAsync("submit square 1 --queue bad/name", 64, "");
    }

    [Fact]
    public async Task Map_keeps_the_order()
    {
        var numbers = Enumerable.Range(1, 2000).ToArray();
        var script = "seq 2000 | queuectl map square --window 64";
        var run = (await ProgramRun.OfAsync("sh", ["-c", script], _daemon.Environment)).Succeeds();
        Assert.Equal(string.Concat(numbers.Select(number => $"{number * number}\n")), run.Output);

        script = "seq 2000 | queuectl map square --unordered --json | wc -l";
        Assert.Equal("2000", (await ProgramRun.OfAsync("sh", ["-c", script], _daemon.Environment)).Output.Trim());
    }

    [Theory]
    [InlineData("echo out; echo err >&2", 0, "out\n", "err\n")]
    [InlineData("exit 3", 3, "", "")]
    [InlineData("pwd", 0, "{root}\n", "")]
    public async Task Exec_is_the_command(string script, int exitCode, string output, string errors)
    {
        var run = await RunAsync("exec", "--", "sh", "-c", script);
        var expected = output.Replace("{root}", BuiltPrograms.Root, StringComparison.Ordinal);
        Assert.Equal((exitCode, expected, errors), (run.ExitCode, run.Output, run.Errors));
    }

    [Fact]
    public async Task Exec_tells_apart_how_a_command_ended()
    {
        Assert.Equal(137, (await RunAsync("exec", "--", "sh", "-c", "kill -9 $$")).ExitCode);
        Assert.Equal(124, (await RunAsync("exec --timeout 200ms --grace 100ms -- sleep 60")).ExitCode);
        Assert.Equal(127, (await RunAsync("exec -- no-such-command-anywhere")).ExitCode);
        Assert.Equal(127, (await RunAsync("exec -- /no/such/command")).ExitCode);
        Assert.Equal(126, (await RunAsync("exec -- /dev/null")).ExitCode);
        Assert.Equal(125, (await RunAsync("exec --cwd /no/such/directory -- true")).ExitCode);
    }

    [Fact]
    public async Task Shared_memory_is_listed_and_loses_its_name()
    {
        await using var client = new QueuedClient(
            new QueuedClientOptions { Address = $"unix:{_daemon.Environment["QUEUED_SOCKET"]}" });
        await using var memory = await client.Memory.CreateAsync("frames", 4096);

        var segment = Json(await RunAsync("shm list --json"));
        Assert.Equal(memory.Id, segment.GetProperty("segment_id").GetInt64());
        Assert.Equal(("frames", 4096, memory.Path), (
            segment.GetProperty("name").GetString(), segment.GetProperty("size_bytes").GetInt32(),
            segment.GetProperty("path").GetString()));
        Assert.Equal(1, segment.GetProperty("users").GetArrayLength());
        Assert.Contains("frames", (await RunAsync("shm list")).Succeeds().Output, StringComparison.Ordinal);

        (await RunAsync("shm unlink frames")).Succeeds();
        Assert.Equal(4, (await RunAsync("shm unlink frames")).ExitCode);
        Assert.False(Json(await RunAsync("shm list --json")).TryGetProperty("name", out _));
    }

    [Fact]
    public async Task Exec_passes_input_and_environment()
    {
        var script = "printf 12345 | queuectl exec -e GREETING=hello -- sh -c 'wc -c; echo $GREETING'";
        var run = (await ProgramRun.OfAsync("sh", ["-c", script], _daemon.Environment)).Succeeds();
        Assert.Equal("5\nhello\n", run.Output);
    }

    [Fact]
    public async Task Show_list_and_logs_read_what_happened()
    {
        var id = (await RunAsync("exec --detach --label kind=echo -- echo hello")).Succeeds().Output.Trim();
        await IsAsync($"logs {id} -f", 0, "hello\n");
        await IsAsync($"wait {id}", 0, "hello\n");
        Assert.Contains("succeeded", (await RunAsync($"show {id}")).Succeeds().Output, StringComparison.Ordinal);

        var task = Json(await RunAsync($"show {id} --payload --json"));
        Assert.Equal("exec", task.GetProperty("handler").GetString());
        Assert.Equal("echo", task.GetProperty("labels").GetProperty("kind").GetString());
        var listed = Json(await RunAsync("list --label kind=echo --state succeeded --json"));
        Assert.Equal(id, listed.GetProperty("task_id").GetRawText());
        await IsAsync("list --label kind=other --json", 0, "");
        await IsAsync("show 9007199254740991", 4, "");
        await IsAsync("logs 9007199254740991", 4, "");
    }

    [Fact]
    public async Task Cancel_and_retry_steer_a_task()
    {
        var id = (await RunAsync("submit square 4 --delay 1h")).Succeeds().Output.Trim();
        await IsAsync($"cancel {id}", 0, "");
        await IsAsync($"cancel {id}", 1, "");
        await IsAsync($"wait {id}", 1, "");
        var again = (await RunAsync($"retry {id}")).Succeeds().Output.Trim();
        Assert.NotEqual(id, again);

        var slow = (await RunAsync("exec --detach -- sleep 600")).Succeeds().Output.Trim();
        await IsAsync($"wait {slow} --timeout 50ms", 124, "");
        await IsAsync($"cancel {slow} --grace 100ms", 0, "");
        await IsAsync($"wait {slow}", 1, "");
    }

    [Fact]
    public async Task Dead_letters_are_listed_and_requeued()
    {
        var failed = Json(await RunAsync("run square word --json"), exitCode: 1);
        var id = failed.GetProperty("task_id").GetRawText();
        // The oldest first, and this test may not be the first to fail something.
        var dead = (await RunAsync("dead list default --json")).Succeeds().Output.TrimEnd().Split('\n')[^1];
        Assert.Equal(id, JsonDocument.Parse(dead).RootElement.GetProperty("task_id").GetRawText());
        var added = (await RunAsync($"dead requeue default {id}")).Succeeds().Output.Trim();
        Assert.True(ulong.Parse(added, null) > ulong.Parse(id, null));
        await IsAsync($"dead requeue default {id}", 4, "");
        await IsAsync("dead list nowhere", 4, "");
    }

    [Fact]
    public async Task Queues_are_declared_steered_and_deleted()
    {
        var declared = Json(await RunAsync("queue declare reports --timeout 5m --max-attempts 3 --json"));
        Assert.Equal(300, declared.GetProperty("policy").GetProperty("timeout_seconds").GetDouble());
        Assert.Equal(3, declared.GetProperty("policy").GetProperty("retry").GetProperty("max_attempts").GetInt32());
        Assert.Equal("paused", await StateAsync("queue pause reports"));
        (await RunAsync("submit square 5 --queue reports")).Succeeds();
        await IsAsync("queue delete reports", 1, "");
        await IsAsync("queue purge reports", 0, "1\n");
        Assert.Equal("active", await StateAsync("queue resume reports"));
        Assert.Equal("draining", await StateAsync("queue drain reports"));
        await IsAsync("submit square 5 --queue reports", 1, "");
        Assert.Contains("reports", (await RunAsync("queue list")).Succeeds().Output, StringComparison.Ordinal);
        await IsAsync("queue delete reports", 0, "");
        await IsAsync("queue show reports", 4, "");
    }

    [Fact]
    public async Task A_full_queue_says_try_again()
    {
        (await RunAsync("queue declare small --tasks-max 1")).Succeeds();
        (await RunAsync("submit square 5 --queue small")).Succeeds();
        await IsAsync("submit square 5 --queue small", 75, "");
    }

    [Fact]
    public async Task Pools_and_workers_are_made_steered_and_stopped()
    {
        var pool = Json(await RunAsync("pool create shell --exec --size 2 --queue shell --json"));
        Assert.Equal(2, pool.GetProperty("size").GetInt32());
        await IsAsync("pool create shell --exec", 1, "");
        await IsAsync("exec --queue shell -- echo hello", 0, "hello\n");
        Assert.Equal(3, Json(await RunAsync("pool scale shell 3 --json")).GetProperty("size").GetInt32());
        Assert.Equal("active", await StateAsync("pool reload text"));
        Assert.Contains("shell", (await RunAsync("pool list")).Succeeds().Output, StringComparison.Ordinal);
        await IsAsync("pool delete shell", 0, "");
        await IsAsync("pool show nowhere", 4, "");

        await IsAsync("run square 2", 0, "4\n");
        var worker = (await RunAsync("worker list --pool text --json")).Succeeds().Output.Split('\n')[0];
        var workerId = JsonDocument.Parse(worker).RootElement.GetProperty("worker_id").GetString();
        (await RunAsync($"worker stop {workerId} --kill")).Succeeds();
        await IsAsync("worker stop w999999", 4, "");
        await IsAsync("worker stop no-such-worker", 64, "");
        await IsAsync("run square 3", 0, "9\n");
    }

    [Fact]
    public async Task Status_says_how_the_daemon_is()
    {
        Assert.Contains("ready", (await RunAsync("status")).Succeeds().Output, StringComparison.Ordinal);
        var status = Json(await RunAsync("status --json"));
        Assert.True(status.GetProperty("ready").GetBoolean());
        Assert.True(status.GetProperty("limits").TryGetProperty("payload_bytes_max", out _));
    }

    private static JsonElement Json(ProgramRun run, int exitCode = 0)
    {
        Assert.True(run.ExitCode == exitCode, $"Exit code {run.ExitCode}.\n{run.Output}\n{run.Errors}");
        using var document = JsonDocument.Parse(run.Output);
        return document.RootElement.Clone();
    }

    private async Task<string?> StateAsync(string line) =>
        Json(await RunAsync($"{line} --json")).GetProperty("state").GetString();

    private async Task IsAsync(string line, int exitCode, string output)
    {
        var run = await RunAsync(line);
        Assert.True(
            run.ExitCode == exitCode && run.Output == output,
            $"queuectl {line}\nexit code {run.ExitCode}, expected {exitCode}\n{run.Output}\n{run.Errors}");
    }

    private Task<ProgramRun> RunAsync(string line) => RunAsync(line.Split(' '));

    private Task<ProgramRun> RunAsync(params string[] arguments) =>
        ProgramRun.OfAsync(BuiltPrograms.Cli, arguments, _daemon.Environment);
}
