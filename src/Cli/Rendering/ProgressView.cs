using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Queued.Cli.Rendering;

/// <summary>
/// One line of progress on standard error, or nothing where nobody would see it. Beside data for the same terminal it
/// is on standard output, as what is on two streams would be drawn over one another.
/// </summary>
internal sealed class ProgressView
{
    private const int MessageLengthMax = 60;

    /// <summary>To the end of the line: what the moving line has left there goes.</summary>
    private const string Erase = "\e[K";

    private readonly IAnsiConsole? _console;
    private readonly ProgressTask? _line;

    private ProgressView(IAnsiConsole? console, ProgressTask? line) => (_console, _line) = (console, line);

    /// <summary>Shows a line for as long as <paramref name="body"/> takes, and takes it away after that.</summary>
    public static async Task<T> ShowAsync<T>(
        Terminal terminal, bool shown, string title, Func<ProgressView, Task<T>> body, bool isBesideData = false)
    {
        if (!shown)
            return await body(new ProgressView(null, null));
        await using StreamWriter? writer = isBesideData && terminal.IsOutputTerminal
            ? new StreamWriter(terminal.Output, new UTF8Encoding(false), leaveOpen: true) { AutoFlush = true }
            : null;
        IAnsiConsole console = writer is null ? terminal.ErrorConsole() : terminal.ProgressConsole(writer);
        return await console.Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new KnownPercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                ProgressTask line = context.AddTask(Markup.Escape(title));
                line.IsIndeterminate = true;
                return body(new ProgressView(console, line));
            });
    }

    /// <summary>A line that stays, above the one that moves.</summary>
    /// <returns>False: there is none that moves, and nothing was said.</returns>
    public bool TrySay(string line)
    {
        _console?.WriteLine(SafeText.Line(line));
        return _console is not null;
    }

    /// <summary>Data above the line that moves, as it is.</summary>
    /// <returns>False: there is none that moves, and nothing was printed.</returns>
    public bool TryPrint(ReadOnlySpan<byte> text)
    {
        _console?.Write(new ControlCode(
            Encoding.UTF8.GetString(text).Replace("\n", Erase + "\n", StringComparison.Ordinal)));
        return _console is not null;
    }

    /// <param name="completed">Done so far.</param>
    /// <param name="total">Of how much; 0: unknown.</param>
    /// <param name="message">One line for people.</param>
    public void Report(double completed, double total, string message)
    {
        if (_line is null)
            return;
        _line.Description = Markup.Escape(SafeText.Line(message, MessageLengthMax));
        _line.IsIndeterminate = total <= 0;
        if (total <= 0)
            return;
        _line.MaxValue = total;
        _line.Value = Math.Clamp(completed, 0, total);
    }
}

/// <summary>How much is done, in percent; nothing where nobody knows of how much.</summary>
internal sealed class KnownPercentageColumn : ProgressColumn
{
    private readonly PercentageColumn _percentage = new();

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        task.IsIndeterminate ? Text.Empty : _percentage.Render(options, task, deltaTime);

    public override int? GetColumnWidth(RenderOptions options) => _percentage.GetColumnWidth(options);
}
