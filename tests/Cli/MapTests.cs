using System.Text.Json;
using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

public sealed class MapTests
{
    [Fact]
    public async Task Lines_in_give_lines_out_in_order()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        string input = string.Concat(Enumerable.Range(1, 3000).Select(number => $"{{\"n\": {number}}}\n"));
        Answer answer = await daemon.RunAsync("map echo --window 16", input);
        Assert.Equal(new Answer(0, input.Replace(" ", "", StringComparison.Ordinal), ""), answer);
    }

    [Fact]
    public async Task On_a_terminal_the_progress_moves_below_the_results()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await Invocation.RunAsync(
            ["--address", daemon.Address, "map", "odd", "-k"],
            FakeTerminal.Of("1\n2\n3\n", outputIsTerminal: true, errorIsTerminal: true));
        Assert.Equal(ExitCode.Failed, answer.ExitCode);
        string[] texts = ["1\e[K\n", "queuectl: line 2:", "null\e[K\n", "3\e[K\n", "2 done, 1 failed.\e[K\n"];
        int[] places = [.. texts.Select(text => answer.Output.IndexOf(text, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.Contains("━", answer.Output, StringComparison.Ordinal);
        Assert.Empty(answer.Error);
    }

    [Fact]
    public async Task On_a_terminal_whose_output_goes_elsewhere_the_data_are_clean()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await Invocation.RunAsync(
            ["--address", daemon.Address, "map", "echo"], FakeTerminal.Of("1\n2\n", errorIsTerminal: true));
        Assert.Equal((ExitCode.Ok, "1\n2\n"), (answer.ExitCode, answer.Output));
        Assert.Contains("━", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unordered_gives_the_same_lines()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        string[] input = [.. Enumerable.Range(1, 500).Select(number => $"{number}")];
        Answer answer = await daemon.RunAsync("map echo --unordered", string.Join('\n', input));
        Assert.Equal(ExitCode.Ok, answer.ExitCode);
        Assert.Equal(
            input.Order(StringComparer.Ordinal), answer.Output.TrimEnd().Split('\n').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("3\n1\n2\n5\n", "line 3: ")]
    [InlineData("3\n1\nno json\n5\n", "line 3: The line is not one JSON value.")]
    [InlineData("3\n1\n\n2 2\n5\n", "line 4: The line is not one JSON value.")]
    public async Task The_first_failure_ends_it_after_the_results_before(string input, string error)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync("map odd", input);
        Assert.Equal((ExitCode.Failed, "3\n1\n"), (answer.ExitCode, answer.Output));
        Assert.StartsWith($"queuectl: {error}", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_keep_going_leaves_null_in_the_place_of_what_failed()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync("map odd -k", "2\n1\nno json\n3\n4\n");
        Assert.Equal((ExitCode.Failed, "null\n1\nnull\n3\nnull\n"), (answer.ExitCode, answer.Output));
        string[] errors = answer.Error.TrimEnd().Split('\n');
        Assert.Equal(4, errors.Length);
        Assert.Contains("line 1:", errors[0], StringComparison.Ordinal);
        Assert.Contains("line 3:", errors[1], StringComparison.Ordinal);
        Assert.Contains("line 5:", errors[2], StringComparison.Ordinal);
        Assert.Equal("2 done, 3 failed.", errors[3]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" --unordered")]
    public async Task Lines_that_are_not_json_may_be_many_more_than_the_window(string order)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        string nonsense = string.Concat(Enumerable.Repeat("nonsense\n", 50));
        Answer answer = await daemon.RunAsync(
            "map echo -k -q --json --window 2" + order, "1\n" + nonsense + "2\n3\n" + nonsense);
        string[] lines = answer.Output.TrimEnd().Split('\n');
        Assert.Equal((ExitCode.Failed, 103), (answer.ExitCode, lines.Length));
        if (order.Length > 0)
            return;
        for (int number = 1; number <= lines.Length; number++)
            Assert.StartsWith($"{{\"line\":{number},", lines[number - 1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_every_line_has_its_number_and_what_became_of_it()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync("map odd -k -q --json", "1\n\n2\n");
        string[] lines = answer.Output.TrimEnd().Split('\n');
        Assert.Equal("""{"line":1,"result":1}""", lines[0]);
        using var failed = JsonDocument.Parse(lines[1]);
        Assert.Equal(3, failed.RootElement.GetProperty("line").GetInt32());
        Assert.Equal("TASK_FAILED", failed.RootElement.GetProperty("error").GetProperty("reason").GetString());
        Assert.Equal((2, ""), (lines.Length, answer.Error));
    }

    [Theory]
    [InlineData("\"\\ud800\"", "The line has text that is not Unicode")]
    [InlineData("{\"\\udc00\":1}", "The line has text that is not Unicode")]
    [InlineData("{0}", "The line is longer than the daemon takes (payload_bytes_max: 1000 bytes).")]
    public async Task A_line_that_cannot_be_sent_fails_alone(string line, string error)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        string sent = line == "{0}" ? "\"" + new string('x', 200_000) + "\"" : line;
        Answer answer = await daemon.RunAsync("map echo -k", $"1\n{sent}\n3\n");
        Assert.Equal((ExitCode.Failed, "1\nnull\n3\n"), (answer.ExitCode, answer.Output));
        Assert.StartsWith($"queuectl: line 2: {error}", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_is_not_unicode_is_a_failure_of_its_line()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync("map surrogate -k", "1\n");
        Assert.Equal((ExitCode.Failed, "null\n"), (answer.ExitCode, answer.Output));
        Assert.StartsWith("queuectl: line 1: The result has text that is not Unicode", answer.Error);
    }

    [Theory]
    [InlineData("map never")]
    [InlineData("map never -k")]
    [InlineData("map never -k --json")]
    [InlineData("map never -k --unordered")]
    public async Task A_lost_daemon_ends_it_with_one_message(string line)
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using var input = new EndlessInput("7\n");
        Task<Answer> running = Invocation.RunAsync(
            ["--address", daemon.Address, .. line.Split(' ')], FakeTerminal.Of(input));
        await daemon.Tasks.Submitted.Reader.ReadAsync();
        await daemon.DieAsync();
        Answer answer = await running;
        Assert.Equal((ExitCode.Unreachable, ""), (answer.ExitCode, answer.Output));
        Assert.Single(answer.Error.TrimEnd().Split('\n'));
        // In order, and so the first; else any that was under way.
        string named = line.EndsWith("--unordered", StringComparison.Ordinal) ? "[0-9]+" : "1";
        Assert.Matches($"line {named}: ", answer.Error);
    }

    [Fact]
    public async Task A_file_is_read_as_it_is_named()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory.File("lines"), "1\n2");
        string lines = directory.File("lines");
        Assert.Equal(new Answer(0, "1\n2\n", ""), await daemon.RunAsync(["map", "echo", "@" + lines]));
        Assert.Equal(ExitCode.Usage, (await daemon.RunAsync(["map", "echo", "@" + lines + "-absent"])).ExitCode);
    }

    [Fact]
    public async Task A_result_that_is_not_json_is_a_failure_of_its_line()
    {
        await using ScriptedDaemon daemon = await ScriptedDaemon.StartAsync();
        Answer answer = await daemon.RunAsync("map text", "1\n");
        Assert.Equal((ExitCode.Failed, ""), (answer.ExitCode, answer.Output));
        Assert.StartsWith(
            "queuectl: line 1: The result is not JSON; such handlers are for run and submit.\n", answer.Error);
        Assert.Equal("null\nnull\n", (await daemon.RunAsync("map text -k", "1\n2\n")).Output);
    }
}
