using System.Text.RegularExpressions;
using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests;

/// <summary>
/// Shell blocks that the documentation marks <c>```sh run</c> are run line by line against a private daemon.
/// </summary>
[Collection(nameof(SamplesTests))]
public sealed partial class ShellBlocksTests
{
    public static TheoryData<string> Documents()
    {
        var data = new TheoryData<string>();
        var documents = Directory.GetFiles(
            Path.Combine(BuiltPrograms.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(BuiltPrograms.Root, "README.md"))
            .Where(path => Block().IsMatch(File.ReadAllText(path)))
            .Order(StringComparer.Ordinal);
        foreach (var path in documents)
        {
            data.Add(Path.GetRelativePath(BuiltPrograms.Root, path));
        }

        return data;
    }

    [Fact]
    public async Task The_set_up_of_the_readme_finds_the_programs_of_this_build()
    {
        var environment = new Dictionary<string, string> { ["PATH"] = await Readme.PathAsync() };
        var run = await ProgramRun.OfAsync(
            "bash", ["-c", "command -v queued queuectl queued-sample-text-worker"], environment);
        var worker = BuiltPrograms.Of("samples/TextWorker", "queued-sample-text-worker");
        string[] programs = [BuiltPrograms.Daemon, BuiltPrograms.Cli, worker];
        Assert.Equal(programs, run.Succeeds().Output.TrimEnd().Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_marked_block_runs(string document)
    {
        await using var daemon = await DocumentedDaemon.StartAsync();
        foreach (Match block in Block()
            .Matches(await File.ReadAllTextAsync(Path.Combine(BuiltPrograms.Root, document))))
        {
            var script = "set -euo pipefail\n" + block.Groups["script"].Value;
            var run = await ProgramRun.OfAsync("bash", ["-c", script], daemon.Environment, daemon.Folder);
            Assert.True(run.ExitCode == 0,
                $"{document}:\n{script}\nexit code {run.ExitCode}\n{run.Output}\n{run.Errors}");
        }
    }

    [GeneratedRegex(@"^```sh run\n(?<script>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
