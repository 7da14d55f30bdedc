using System.Globalization;
using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests;

/// <summary>The samples are what the README shows; tests/Tidy holds that they are the same text.</summary>
[Collection(nameof(SamplesTests))]
public sealed class SamplesTests
{
    [Fact]
    public async Task A_process_computes_a_square()
    {
        var run = (await RunAsync("Square", "queued-sample-square")).Succeeds();
        var numbers = run.Output.Split([' ', ',', ';', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.All(char.IsDigit))
                .Select(word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        Assert.Equal(144, numbers[0]);
        Assert.NotEqual(numbers[1], numbers[2]);
    }

    [Fact]
    public async Task A_process_puts_a_line_into_a_queue_that_its_parent_reads()
    {
        var run = (await RunAsync("Queue", "queued-sample-queue")).Succeeds();
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("hello from another process", lines[0]);
        var numbers = lines[1].Split([' ', ';'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.All(char.IsDigit)).ToArray();
        Assert.Equal(2, numbers.Distinct().Count());
    }

    [Fact]
    public async Task Two_clients_share_memory()
    {
        await using var daemon = await DocumentedDaemon.StartAsync();
        var run = (await ProgramRun.OfAsync(
            BuiltPrograms.Of("samples/SharedMemory", "queued-sample-shared-memory"), [], daemon.Environment))
            .Succeeds();
        Assert.Equal("42\n", run.Output);
    }

    [Fact]
    public async Task A_pool_of_five_maps_a_function()
    {
        var run = (await RunAsync("Pool", "queued-sample-pool")).Succeeds();
        Assert.Equal(string.Concat(Enumerable.Range(1, 10).Select(number => $"{number * number}\n")), run.Output);
    }

    [Fact]
    public async Task The_worker_and_the_client_of_the_readme_work_together()
    {
        await using var daemon = await DocumentedDaemon.StartAsync();
        var text = Path.Combine(BuiltPrograms.Root, "README.md");
        var words = File.ReadLines(text).Sum(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);

        var run = (await ProgramRun.OfAsync(
            BuiltPrograms.Of("samples/Submit", "queued-sample-submit"), [text], daemon.Environment)).Succeeds();

        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("144", lines[0]);
        Assert.EndsWith($": {words} words", lines[1], StringComparison.Ordinal);
        Assert.Equal("333833500", lines[2]);
    }

    [Fact]
    public async Task The_demo_checks_every_file_of_a_small_folder()
    {
        var run = await RunAsync("Demo", "queued-demo", Path.Combine(BuiltPrograms.Root, "docs"));
        run.Succeeds();
        Assert.Contains("each checked against an in-process computation", run.Output, StringComparison.Ordinal);
        Assert.Contains("Signal, signal 9", run.Output, StringComparison.Ordinal);
        Assert.Contains("Succeeded in attempt 2", run.Output, StringComparison.Ordinal);
        Assert.Contains("no process and no file is left", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_refuses_what_is_no_folder()
    {
        var run = await RunAsync("Demo", "queued-demo", Path.Combine(BuiltPrograms.Root, "no-such-folder"));
        Assert.Equal(2, run.ExitCode);
    }

    private static Task<ProgramRun> RunAsync(string sample, string name, params string[] arguments) =>
        ProgramRun.OfAsync(BuiltPrograms.Of($"samples/{sample}", name), arguments);
}
