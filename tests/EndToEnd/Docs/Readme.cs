using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Queued.EndToEnd.Tests.Docs;

/// <summary>What the README has a newcomer type, so that the tests do the same.</summary>
internal static partial class Readme
{
    private static readonly string Text = File.ReadAllText(Path.Combine(BuiltPrograms.Root, "README.md"));

    /// <summary>Its queued.json.</summary>
    public static string Configuration => Block("json");

    /// <summary>
    /// The PATH that its set-up leaves. All is built by now, in the configuration of the tests, so <c>./dev build</c>
    /// is taken for done.
    /// </summary>
    public static async Task<string> PathAsync()
    {
        var configuration = typeof(Readme).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var setUp = Block("sh set-up").Replace("/Release/", $"/{configuration}/", StringComparison.Ordinal);
        var script = $$"""
            set -euo pipefail
            ./dev() { [ "$*" = build ]; }
            {{setUp}}
            printf %s "$PATH"
            """;
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", script])
        {
            WorkingDirectory = BuiltPrograms.Root,
            RedirectStandardOutput = true,
        })!;
        var path = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return shell.ExitCode == 0
            ? path
            : throw new InvalidOperationException($"The set-up of the README fails: {path}");
    }

    private static string Block(string kind)
    {
        var blocks = Fence().Matches(Text).Where(match => match.Groups["kind"].Value == kind).ToArray();
        return blocks is [var block]
            ? block.Groups["text"].Value
            : throw new InvalidOperationException($"The README has {blocks.Length} blocks '{kind}', not one.");
    }

    [GeneratedRegex("^```(?<kind>[^\n]+)\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
