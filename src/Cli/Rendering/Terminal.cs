using System.Text;
using Spectre.Console;

namespace Queued.Cli.Rendering;

/// <summary>The three standard streams and what is at their other ends. Tests give their own.</summary>
internal sealed class Terminal
{
    public required Stream Input { get; init; }

    /// <summary>For data, byte by byte.</summary>
    public required Stream Output { get; init; }

    /// <summary>For what a command's standard error was, byte by byte. Talk goes through <see cref="Error"/>.</summary>
    public required Stream ErrorStream { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>False: a person at a keyboard is at the other end.</summary>
    public bool IsInputRedirected { get; init; }

    public bool IsOutputTerminal { get; init; }

    public bool IsErrorTerminal { get; init; }

    /// <summary>NO_COLOR was set to something, or the terminal is a dumb one.</summary>
    public bool IsPlain { get; init; }

    public int Width { get; init; } = 80;

    public static Terminal OfProcess()
    {
        Stream errorStream = new OutputStream(StandardOutput.OpenError());
        var error = new StreamWriter(errorStream, new UTF8Encoding(false)) { AutoFlush = true };
        bool output = !Console.IsOutputRedirected;
        return new Terminal
        {
            Input = Console.OpenStandardInput(),
            Output = new OutputStream(StandardOutput.Open()),
            ErrorStream = errorStream,
            Error = error,
            IsInputRedirected = Console.IsInputRedirected,
            IsOutputTerminal = output,
            IsErrorTerminal = !Console.IsErrorRedirected,
            IsPlain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                || Environment.GetEnvironmentVariable("TERM") == "dumb",
            Width = output && Console.WindowWidth > 0 ? Console.WindowWidth : 80,
        };
    }

    /// <summary>Spectre on standard output, for tables; only where that is a terminal.</summary>
    public IAnsiConsole OutputConsole(TextWriter writer) => Make(writer, interactive: false);

    /// <summary>Spectre on standard error, for progress.</summary>
    public IAnsiConsole ErrorConsole() => Make(Error, interactive: true);

    private IAnsiConsole Make(TextWriter writer, bool interactive)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = IsPlain ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = IsPlain ? ColorSystemSupport.NoColors : ColorSystemSupport.Standard,
            Interactive = interactive && !IsPlain ? InteractionSupport.Yes : InteractionSupport.No,
        });
        console.Profile.Width = Width;
        return console;
    }
}
