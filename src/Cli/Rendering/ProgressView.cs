using Spectre.Console;

namespace Queued.Cli.Rendering;

/// <summary>One line of progress on standard error, or nothing where nobody would see it.</summary>
internal sealed class ProgressView
{
    private const int MessageLengthMax = 60;

    private readonly ProgressTask? _line;

    private ProgressView(ProgressTask? line) => _line = line;

    /// <summary>Shows a line for as long as <paramref name="body"/> takes, and takes it away after that.</summary>
    public static async Task<T> ShowAsync<T>(
        Terminal terminal, bool shown, string title, Func<ProgressView, Task<T>> body)
    {
        if (!shown)
            return await body(new ProgressView(null));
        return await terminal.ErrorConsole().Progress()
            .AutoClear(true)
            .Columns(
                new SpinnerColumn(),
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(context =>
            {
                ProgressTask line = context.AddTask(Markup.Escape(title));
                line.IsIndeterminate = true;
                return body(new ProgressView(line));
            });
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
