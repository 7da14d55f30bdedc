using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Queued.Broker;
using Queued.Daemon.Supervision;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Supervision;

public sealed class ExecTests : IAsyncLifetime
{
    private readonly SupervisorRig _rig = new(options => options with { ExecOutputBytesMax = 1000 });

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _rig.DisposeAsync();
        Assert.Empty(_rig.Log.Lines);
    }

    [Fact]
    public async Task Output_and_exit_code_are_the_result()
    {
        var result = await _rig.RunExecAsync(Shell("echo out; echo err >&2; pwd; exit 9"));

        Assert.Equal(9, result.ExitCode);
        Assert.Equal($"out\n{_rig.Directory}\n", result.Stdout.ToStringUtf8());
        Assert.Equal("err\n", result.Stderr.ToStringUtf8());
        Assert.Equal(0ul, result.StdoutDroppedBytes);
    }

    [Fact]
    public async Task A_command_that_a_signal_ended_has_128_and_its_number()
    {
        Assert.Equal(128 + 15, (await _rig.RunExecAsync(Shell("kill -TERM $$"))).ExitCode);
    }

    [Fact]
    public async Task Input_larger_than_a_pipe_arrives_whole()
    {
        var input = new byte[3_000_000];
        new Random(1).NextBytes(input);

        var result = await _rig
            .RunExecAsync(new ExecCommand { Argv = { "sha256sum" }, Stdin = ByteString.CopyFrom(input) });

        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input));
        Assert.StartsWith(expected, result.Stdout.ToStringUtf8());
    }

    [Fact]
    public async Task Input_that_nobody_reads_harms_nobody()
    {
        var command = Shell("exec <&-; echo done");
        command.Stdin = ByteString.CopyFrom(new byte[1_000_000]);

        Assert.Equal("done\n", (await _rig.RunExecAsync(command)).Stdout.ToStringUtf8());
    }

    [Fact]
    public async Task Without_input_it_reads_the_end_at_once() =>
        Assert.Equal(0, (await _rig.RunExecAsync(new ExecCommand { Argv = { "cat" } })).ExitCode);

    [Fact]
    public async Task Environment_is_the_allow_list_and_what_the_command_brings()
    {
        Environment.SetEnvironmentVariable("LC_QUEUED_TEST", "locale");
        Environment.SetEnvironmentVariable("SECRET_OF_THE_DAEMON", "secret");
        await using var rig = new SupervisorRig();
        Environment.SetEnvironmentVariable("LC_QUEUED_TEST", null);
        Environment.SetEnvironmentVariable("SECRET_OF_THE_DAEMON", null);

        var result = await rig.RunExecAsync(new ExecCommand { Argv = { "env" }, Env = { ["OWN"] = "a=b c" } });

        var lines = result.Stdout.ToStringUtf8().Split('\n');
        Assert.Contains("OWN=a=b c", lines);
        Assert.Contains("LC_QUEUED_TEST=locale", lines);
        Assert.Contains($"QUEUED_INSTANCE={rig.InstanceId}", lines);
        Assert.Contains("QUEUED_TASK_ID=7", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("SECRET_OF_THE_DAEMON", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("QUEUED_WORKER_TOKEN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Long_output_keeps_its_head_and_its_tail_and_is_streamed_whole()
    {
        var command = Shell("i=0; while [ $i -lt 1000 ]; do echo line $i; i=$((i+1)); done; echo e >&2");
        command.OutputBytesMax = 100;

        var worker = _rig.StartExec(command);
        var end = await _rig.Events.EndedAsync(worker);
        var result = ExecResult.Parser.ParseFrom(end.ExecResult!.Value.Data.Span);
        var streamed = _rig.Events.OutputOf(worker, OutputSource.Stdout);

        Assert.Equal(string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i}\n")), streamed);
        Assert.Equal(streamed[..50] + streamed[^50..], result.Stdout.ToStringUtf8());
        Assert.Equal((ulong)streamed.Length - 100, result.StdoutDroppedBytes);
        Assert.Equal("e\n", result.Stderr.ToStringUtf8());
    }

    [Fact]
    public async Task Last_words_of_what_the_command_started_are_not_missed() =>
        Assert.Equal("late\n", (await _rig.RunExecAsync(Shell("(sleep 0.05; echo late) &"))).Stdout.ToStringUtf8());

    [Fact]
    public async Task What_the_command_left_running_ends_with_it()
    {
        var result = await _rig.RunExecAsync(Shell($"sleep 1000 & echo $! > {_rig.PathOf("pid")}"));

        Assert.Equal(0, result.ExitCode);
        var left = await _rig.ProcessIdInAsync("pid");
        await Eventually.IsTrueAsync(() => !Processes.IsAlive(left), "it was killed");
    }

    [Fact]
    public async Task Json_in_is_json_out()
    {
        var payload =
            """{"argv": ["sh", "-c", "cat; exit $CODE"], "env": {"CODE": "3"}, "cwd": "/", "stdin": "aGVsbG8="}"""u8;
        var worker = _rig.StartExec(new TaskPayload(payload.ToArray(), "application/json; charset=utf-8"));

        var result = (await _rig.Events.EndedAsync(worker)).ExecResult!.Value;

        Assert.Equal(ExecPayload.JsonType, result.ContentType);
        using var json = JsonDocument.Parse(result.Data);
        Assert.Equal(3, json.RootElement.GetProperty("exit_code").GetInt32());
        Assert.Equal("hello"u8.ToArray(), json.RootElement.GetProperty("stdout").GetBytesFromBase64());
        Assert.Equal(0, json.RootElement.GetProperty("stderr_dropped_bytes").GetInt64());
    }

    [Theory]
    [InlineData("{}", "argv has 0 strings, it must have 1 to 4096")]
    [InlineData("""{"argv": [""]}""", "argv[0] is empty")]
    [InlineData("""{"argv": ["a", null]}""", "argv[1] is null or holds a NUL character")]
    [InlineData("""{"argv": ["a\u0000b"]}""", "argv[0] is null or holds a NUL character")]
    [InlineData("""{"argv": ["a"], "env": {"A=B": "c"}}""", "env name 'A=B' is empty or holds '=' or NUL")]
    [InlineData("""{"argv": ["a"], "env": {"A": null}}""", "env value of 'A' is null or holds a NUL character")]
    [InlineData("""{"argv": ["a"], "cwd": "relative"}""", "cwd 'relative' is not absolute")]
    [InlineData("""{"argv": ["true"], "cwd": "/no/such"}""", "working directory '/no/such' does not exist")]
    [InlineData("""{"argv": ["true"], "output_bytes_max": 1001}""", "output_bytes_max is 1001, the limit is 1000")]
    [InlineData("""{"argv": ["true"], "arvg": []}""", "payload is not an exec command: ")]
    [InlineData("""{"argv": """, "payload is not an exec command: ")]
    public async Task A_payload_that_makes_no_sense_says_what_is_wrong(string json, string message)
    {
        var worker = _rig.StartExec(new TaskPayload(Encoding.UTF8.GetBytes(json), "application/json"));

        Assert.StartsWith(message, (await _rig.Events.EndedAsync(worker)).SpawnFailure);
    }

    [Theory]
    [InlineData("text/plain", "content type 'text/plain' is neither")]
    [InlineData(ExecPayload.ProtobufType, "payload is not an exec command: ")]
    public async Task Bytes_of_another_kind_are_refused(string contentType, string message)
    {
        var worker = _rig.StartExec(new TaskPayload("\xff\xff\xff"u8.ToArray(), contentType));

        Assert.StartsWith(message, (await _rig.Events.EndedAsync(worker)).SpawnFailure);
    }

    private static ExecCommand Shell(string script) => new() { Argv = { "sh", "-c", script } };
}
