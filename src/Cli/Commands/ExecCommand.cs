using System.CommandLine;
using Queued.Cli.Input;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class ExecCommand
{
    public static Command Create(CommandHost host)
    {
        Argument<string[]> words = new("CMD")
        {
            Description = "The program and its arguments; what follows it is its own.",
            Arity = ArgumentArity.OneOrMore,
            CaptureRemainingTokens = true,
        };
        Option<Dictionary<string, string>> env = OptionKinds.Pairs(
            "--env", "A variable of its environment; may be given many times.", "-e");
        Option<string?> cwd = OptionKinds.Text(
            "--cwd", "Its working directory. Default: this one, if the daemon is on this machine.", "DIR");
        Option<bool> noStdin = OptionKinds.Flag(
            "--no-stdin", "Do not pass standard input on, even where it is a pipe or a file.", "-n");
        Option<bool> detach = OptionKinds.Flag("--detach", "Print the task's number and do not wait.", "-d");
        Option<bool> raw = SharedOptions.Raw();
        var flags = new SubmitFlags();
        var command = new Command(
            "exec", "Run a command as a task: its output as it comes, its exit code as the own one. Ctrl-C cancels it.")
        {
            words, env, cwd, noStdin, detach, raw,
        };
        flags.AddTo(command);
        host.SetAction(
            command,
            async context =>
            {
                var request = new ExecRequest
                {
                    Arguments = context.Get(words),
                    Environment = context.Get(env),
                    WorkingDirectory = DirectoryOf(context, context.Get(cwd)),
                    Stdin = await ReadStdinAsync(context, context.Get(noStdin)),
                };
                SubmitOptions options = flags.Read(context);
                // Not cancelled in mid-air: only a task with a known number can be cancelled for sure.
                TaskHandle task = await context.Client.SubmitExecAsync(request, options, CancellationToken.None);
                if (!context.Get(detach))
                    return await ExecFollow.RunAsync(context, task, context.Get(raw));
                await SubmitCommand.PrintAsync(context, task);
                return ExitCode.Ok;
            },
            ExecExit.CodeOf);
        return command;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadStdinAsync(CommandContext context, bool none)
    {
        if (none || !context.Terminal.IsInputRedirected)
            return ReadOnlyMemory<byte>.Empty;
        long bytesMax = await context.GetPayloadBytesMaxAsync();
        return await PayloadInput.ReadAllAsync(
            context.Terminal.Input, "standard input", bytesMax, context.CancellationToken);
    }

    /// <summary>
    /// A daemon on a Unix socket shares the file system with the caller, who means the own directory; another need not.
    /// </summary>
    private static string? DirectoryOf(CommandContext context, string? cwd)
    {
        if (cwd is not null)
            return cwd.Length == 0 ? null : Path.GetFullPath(cwd);
        bool local = context.Client.Address.StartsWith("unix:", StringComparison.Ordinal);
        return local ? Environment.CurrentDirectory : null;
    }
}
