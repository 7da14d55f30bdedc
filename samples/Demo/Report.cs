using System.Globalization;
using System.Text;
using Queued.Client;
using Spectre.Console;

namespace Queued.Samples.Demo;

/// <summary>All that the demo prints.</summary>
internal sealed class Report(IAnsiConsole console)
{
    public void Input(InputFiles files, int workers)
    {
        console.MarkupLineInterpolated(
            $"[bold]{files.Paths.Count:N0} files, {Megabytes(files.Bytes)}[/] under {files.Folder}");
        if (files.Unreadable > 0)
        {
            console.MarkupLineInterpolated($"[dim]{files.Unreadable:N0} more may not be read and are left out[/]");
        }

        console.MarkupLineInterpolated(
            $"SHA-256 and word count of each, in {workers} worker processes; one will be killed");
        console.WriteLine();
    }

    /// <summary>Runs the work under a progress bar, where somebody can see one.</summary>
    public async Task ProgressAsync(string title, long total, Func<Action<long>, Task> work)
    {
        if (!console.Profile.Capabilities.Interactive || Console.IsOutputRedirected)
        {
            console.MarkupLineInterpolated($"{title} …");
            await work(_ => { });
            return;
        }

        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(title, maxValue: Math.Max(total, 1));
                await work(bytes => bar.Increment(bytes));
                bar.Value = bar.MaxValue;
            });
    }

    public void Results(
        InputFiles files,
        IReadOnlyList<Check> checks,
        MapRun many,
        MapRun one,
        TimeSpan inProcess,
        WorkerInfo? victim)
    {
        console.WriteLine();
        foreach (var check in checks)
        {
            foreach (var example in check.Examples)
            {
                console.MarkupLineInterpolated($"[red]{example}[/]");
            }
        }

        var results = many.Results.Count + one.Results.Count;
        var bad = checks.Sum(check => check.Wrong + check.Lost + check.Surplus);
        console.MarkupLineInterpolated(bad == 0
            ? (FormattableString)$"[green]{results:N0} results, each checked against an in-process computation[/]"
            : (FormattableString)$"[red]{bad:N0} of {results:N0} results wrong, lost or too many[/]");

        var killed = victim is null ? "" : ", one worker killed on the way";
        var words = many.Results.Sum(facts => facts.Words);
        Table(
            ("files", $"{files.Paths.Count:N0}"),
            ("bytes", $"{files.Bytes:N0}"),
            ("words", $"{words:N0}"),
            ("time", $"{Seconds(many.Time)}, {Rate(files, many.Time)}{killed}"),
            ("one worker", $"{Seconds(one.Time)}, {Rate(files, one.Time)}"),
            ("speed-up", files.Bytes > DemoRun.LittleBytes
                ? $"{one.Time / many.Time:0.00} × one worker"
                : "too little work to tell"),
            ("in process", $"{Seconds(inProcess)}, {Rate(files, inProcess)}, one thread, files not cached yet"),
            ("files per worker",
                string.Join(" · ", many.Results.GroupBy(facts => facts.ProcessId).OrderBy(group => group.Key)
                .Select(group => $"{group.Count():N0} (process {group.Key})"))));
    }

    public void Killed(WorkerInfo victim, RunningAttempt attempt, TaskInfo task)
    {
        console.MarkupLineInterpolated($"[bold]the worker that was killed[/]");
        var failure = task.Attempts.FirstOrDefault(record => record.Attempt == attempt.Attempt)?.Failure;
        var again = task.Attempts.LastOrDefault(record => record.Attempt > attempt.Attempt);
        Table(
            ("worker", $"{victim.Id}, process {victim.ProcessId}, in attempt {attempt.Attempt} of task {task.Id}"),
            ("failure", failure is null ? "no record" : $"{failure.Kind}, signal {failure.Signal}: {failure.Message}"),
            ("used", Used(failure)),
            ("its task", again is null
                ? $"{task.State}"
                : $"{task.State} in attempt {again.Attempt} on worker {again.WorkerId}, process {again.ProcessId}"));
    }

    public void NobodyKilled()
    {
        console.MarkupLineInterpolated(
            $"[yellow]no worker was killed: the work had ended before one was seen at it; try more files[/]");
        console.WriteLine();
    }

    public void Command(string command, ExecResult result)
    {
        console.MarkupLineInterpolated($"[bold]a command as a task[/]");
        Table(
            ("command", command),
            ("exit code", $"{result.ExitCode}"),
            ("output", Encoding.UTF8.GetString(result.Stdout.Span).TrimEnd()));
    }

    public void Verdict(bool good, IReadOnlyList<string> leftovers)
    {
        console.MarkupLineInterpolated(leftovers.Count == 0
            ? (FormattableString)$"[green]no process and no file is left[/]"
            : (FormattableString)$"[red]left behind: {string.Join(", ", leftovers)}[/]");
        if (!good)
        {
            console.MarkupLineInterpolated($"[red]the demo failed[/]");
        }
    }

    private void Table(params (string Name, string Value)[] rows)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(2).PadRight(3)).AddColumn();
        foreach (var (name, value) in rows)
        {
            grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));
        }

        console.Write(grid);
        console.WriteLine();
    }

    private static string Used(TaskFailure? failure)
    {
        var memory = failure?.PeakResidentBytes is { } bytes
            ? $"{Megabytes(bytes)} resident at most" : "memory not known";
        return failure?.CpuTime is { } time ? $"{memory}, {Seconds(time)} of CPU" : memory;
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N1} MB");

    private static string Seconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00} s");

    private static string Rate(InputFiles files, TimeSpan time) => string.Create(
        CultureInfo.InvariantCulture,
            $"{files.Paths.Count / time.TotalSeconds:N0} files/s, {files.Bytes / 1e6 / time.TotalSeconds:N0} MB/s");
}
