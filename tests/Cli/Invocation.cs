namespace Queued.Cli.Tests;

/// <summary>queuectl inside the test's process, with streams in memory.</summary>
internal static class Invocation
{
    public static Task<Answer> RunAsync(IReadOnlyList<string> arguments, string input = "") =>
        RunAsync(arguments, FakeTerminal.Of(input));

    public static async Task<Answer> RunAsync(IReadOnlyList<string> arguments, FakeTerminal streams)
    {
        using FakeTerminal terminal = streams;
        using var interruption = new Interruption();
        int exitCode = await QueueCtl.RunAsync(arguments, terminal.Terminal, interruption);
        return new Answer(exitCode, terminal.Output, terminal.Error);
    }
}

/// <summary>What a run of queuectl left.</summary>
internal sealed record Answer(int ExitCode, string Output, string Error);
