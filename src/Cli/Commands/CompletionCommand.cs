using System.CommandLine;

namespace Queued.Cli.Commands;

/// <summary>Scripts that make a shell ask queuectl itself for the words that fit.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _queuectl() {
            local IFS=$'\n'
            local words="$(queuectl "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)"
            COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _queuectl queuectl
        """;

    private const string Zsh = """
        _queuectl() {
            compadd -- ${(f)"$(queuectl "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"}
        }
        compdef _queuectl queuectl
        """;

    private const string Fish = """
        complete -c queuectl -a '(queuectl "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
    };

    public static Command Create(CommandHost host)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print a script that completes queuectl's words in a shell.") { shell };
        host.SetAction(command, async context =>
        {
            await context.PrintLineAsync(Scripts[context.Get(shell)]);
            return ExitCode.Ok;
        });
        return command;
    }
}
