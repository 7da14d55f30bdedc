using System.Text.Json;
using Queued.Client;
using Queued.EndToEnd.Tests.Docs;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.CommandLine;

/// <summary>queuectl at the ends of pipes.</summary>
public sealed class PipeCommandTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private FaultDaemon Daemon => shared.Daemon;

    [Fact]
    public async Task Lines_go_from_one_process_to_the_other_until_the_end()
    {
        var script = "seq 3000 | queuectl pipe send lines & queuectl pipe recv lines; wait $!";
        var run = await ShellAsync(script);
        Assert.Equal(string.Concat(Enumerable.Range(1, 3000).Select(number => $"{number}\n")), run.Output);
        Assert.Equal("", run.Errors);
        Assert.DoesNotContain("lines", (await QueueCtlAsync("pipe list")).Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_says_what_it_is_and_so_does_what_is_received()
    {
        await using var pipe = Daemon.Client.Pipe<TaskPayload>("kinds");
        (await ShellAsync("printf '{\"a\":1}\\n\\nwords\\n' | queuectl pipe send kinds")).Succeeds();
        var (first, second) = (await pipe.ReceiveAsync(), await pipe.ReceiveAsync());
        Assert.Equal(("{\"a\":1}", TaskPayload.JsonContentType), (first.ReadText(), first.ContentType));
        Assert.Equal(("words", TaskPayload.TextContentType), (second.ReadText(), second.ContentType));
        await Assert.ThrowsAsync<PipeClosedException>(() => pipe.ReceiveAsync().AsTask());

        await using var answers = Daemon.Client.Pipe<TaskPayload>("answers");
        await answers.SendAsync(TaskPayload.FromJson("{\"b\":2}"));
        await answers.SendAsync(new TaskPayload(new byte[] { 255 }));
        var lines = (await QueueCtlAsync("pipe recv answers --count 2 --json")).Succeeds().Output.Trim().Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal(2, Json(lines[0]).GetProperty("json").GetProperty("b").GetInt32());
        Assert.Equal("/w==", Json(lines[1]).GetProperty("base64").GetString());
    }

    [Fact]
    public async Task Ends_are_listed_with_their_holders()
    {
        await using var pipe = Daemon.Client.Pipe<TaskPayload>(
            "listed", PipeSide.Second, PipeMode.OneWay, bufferBytes: 4096);
        await pipe.SendAsync(TaskPayload.FromText("abc"));
        await Eventually.BecomesAsync(
            () => QueueCtlAsync("pipe list --json"),
            run => run.Output.Contains("\"waiting_bytes\":3", StringComparison.Ordinal), "the message there");

        var lines = (await QueueCtlAsync("pipe list --json")).Succeeds().Output.Trim().Split('\n');
        var listed = lines.Select(Json).Single(line => line.GetProperty("name").GetString() == "listed");
        Assert.Equal("one_way", listed.GetProperty("mode").GetString());
        Assert.Equal(4096, listed.GetProperty("buffer_bytes").GetInt64());
        Assert.False(listed.GetProperty("first").TryGetProperty("holder", out _));
        Assert.NotEqual("", listed.GetProperty("second").GetProperty("holder").GetString());
        Assert.Contains("(free)", (await QueueCtlAsync("pipe list")).Succeeds().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_way_to_end_has_its_code()
    {
        var late = await QueueCtlAsync("pipe recv nobody --timeout 1ms");
        Assert.Equal((124, ""), (late.ExitCode, late.Output));
        Assert.Contains("nobody", late.Errors, StringComparison.Ordinal);
        await using var one = Daemon.Client.Pipe<int>("taken");
        await using var two = Daemon.Client.Pipe<int>("taken");
        await one.OpenAsync();
        await two.OpenAsync();
        Assert.Equal(1, (await QueueCtlAsync("pipe recv taken")).ExitCode);
        Assert.Equal(64, (await QueueCtlAsync("pipe recv bad/name")).ExitCode);
        Assert.Equal(64, (await QueueCtlAsync("pipe recv x --side third")).ExitCode);
        Assert.Equal(1, (await QueueCtlAsync("pipe recv x --one-way --side second")).ExitCode);
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private Task<ProgramRun> QueueCtlAsync(string line) =>
        ProgramRun.OfAsync(BuiltPrograms.Cli, line.Split(' '), Daemon.Environment);

    private Task<ProgramRun> ShellAsync(string script) =>
        ProgramRun.OfAsync("sh", ["-c", script], Daemon.Environment);
}
