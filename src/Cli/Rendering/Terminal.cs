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

    /// <summary>How long a person who waits is left without a word of why.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    public static Terminal OfProcess()
    {
        bool hasInput = StandardDescriptor.IsGiven(0);
        bool hasOutput = StandardDescriptor.IsGiven(1);
        bool hasError = StandardDescriptor.IsGiven(2);
        Stream error = hasError ? StandardOutput.OpenError() : Stream.Null;
        bool output = hasOutput && !Console.IsOutputRedirected;
        return new Terminal
        {
            Input = hasInput ? Console.OpenStandardInput() : Stream.Null,
            Output = hasOutput ? new OutputStream(StandardOutput.Open(), "standard output") : Stream.Null,
            ErrorStream = new OutputStream(error, "standard error"),
            Error = new StreamWriter(new OutputStream(error, name: null), new UTF8Encoding(false)) { AutoFlush = true },
            IsInputRedirected = !hasInput || Console.IsInputRedirected,
            IsOutputTerminal = output,
            IsErrorTerminal = hasError && !Console.IsErrorRedirected,
            IsPlain = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                || Environment.GetEnvironmentVariable("TERM") == "dumb",
            Width = output && Console.WindowWidth > 0 ? Console.WindowWidth : 80,
        };
    }

    /// <summary>Spectre on standard output, for tables; only where that is a terminal.</summary>
    public IAnsiConsole OutputConsole(TextWriter writer) => Make(writer, interactive: false);

    /// <summary>Spectre on standard error, for progress.</summary>
    public IAnsiConsole ErrorConsole() => ProgressConsole(Error);

    public IAnsiConsole ProgressConsole(TextWriter writer) => Make(writer, interactive: true);

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
