using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>Waiting for a task's end with progress on the terminal, and printing what it left.</summary>
internal static class TaskWait
{
    /// <summary>Waits for a task that belongs to this run: when the run is interrupted the task is cancelled.</summary>
    public static async Task<TaskOutcome> OwnAsync(CommandContext context, TaskHandle task)
    {
        context.Await(task.Id, isAdded: true);
        try
        {
            return await ShownAsync(context, task, context.CancellationToken);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            await CancelAsync(context, task);
            throw;
        }
    }

    /// <summary>Asks for the end of a task that the interrupted run owns. The daemon sees to it.</summary>
    public static async Task CancelAsync(CommandContext context, TaskHandle task)
    {
        if (await CancelAsync(task, "queuectl was interrupted"))
            context.Say($"Task {task.Id} was asked to stop.");
    }

    /// <returns>False: it has ended by itself just before.</returns>
    public static async Task<bool> CancelAsync(TaskHandle task, string reason)
    {
        try
        {
            await task.CancelAsync(reason, cancellationToken: CancellationToken.None);
            return true;
        }
        catch (PreconditionFailedException)
        {
            return false;
        }
    }

    public static Task<TaskOutcome> ShownAsync(
        CommandContext context, TaskHandle task, CancellationToken cancellationToken)
    {
        return ProgressView.ShowAsync(context.Terminal, context.ShowsProgress, $"task {task.Id}", view =>
        {
            return ExplainedAsync(context, [task], () => task.WaitAsync(cancellationToken), Say, Watch);

            Task Watch(CancellationToken ended) =>
                context.ShowsProgress ? WatchAsync(task, view, ended) : Task.CompletedTask;

            void Say(string line)
            {
                if (!view.TrySay(line))
                    context.Say(line);
            }
        });
    }

    /// <summary>Waits, and says after a while why none of the tasks has started.</summary>
    /// <param name="context">The run.</param>
    /// <param name="tasks">What is waited for.</param>
    /// <param name="wait">The wait.</param>
    /// <param name="say">How it is said. Null: as a line on standard error.</param>
    /// <param name="beside">What else goes on until the wait is over, and ends with its token.</param>
    public static async Task<T> ExplainedAsync<T>(
        CommandContext context,
        IEnumerable<TaskHandle> tasks,
        Func<Task<T>> wait,
        Action<string>? say = null,
        Func<CancellationToken, Task>? beside = null)
    {
        using var over = new CancellationTokenSource();
        Task explaining = SlowStart.ExplainAsync(context, tasks, say ?? context.Say, over.Token);
        Task other = beside?.Invoke(over.Token) ?? Task.CompletedTask;
        try
        {
            return await wait();
        }
        finally
        {
            await over.CancelAsync();
            await explaining;
            await other;
        }
    }

    /// <summary>
    /// Prints the result of a task that succeeded; says why there is none otherwise. What a command wrote goes where it
    /// would have gone.
    /// </summary>
    /// <returns>The exit code for this outcome.</returns>
    public static async Task<int> PrintAsync(CommandContext context, TaskOutcome outcome, bool raw)
    {
        int exitCode = outcome.IsSuccess ? ExitCode.Ok : ExitCode.Failed;
        if (context.Json)
        {
            await context.PrintJsonAsync(OutcomeRecord.From(outcome), CliJson.Readable.OutcomeRecord);
            return exitCode;
        }

        if (ExecResult.Read(outcome) is { } exec)
        {
            await ResultText.PrintAsync(
                context, new TaskPayload(exec.Stdout, TaskPayload.TextContentType), raw, newLine: false);
            await ResultText.PrintErrorAsync(context, exec.Stderr, raw);
        }
        else if (outcome.Result is { } result)
        {
            await ResultText.PrintAsync(context, result, raw, newLine: true);
        }

        if (!outcome.IsSuccess)
            context.Report(ErrorReport.Of(outcome));
        return exitCode;
    }

    private static async Task WatchAsync(TaskHandle task, ProgressView view, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (TaskInfo info in task.WatchAsync(cancellationToken))
            {
                TaskProgress? progress = info.Progress;
                string message =
                    progress is { Message.Length: > 0 } ? progress.Message : $"{info.Handler} {Words.Name(info.State)}";
                view.Report(progress?.Completed ?? 0, progress?.Total ?? 0, message);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The task has ended, or nobody waits any more.
        }
        catch (QueuedException)
        {
            // The line of progress is an extra; the wait beside it meets the same error and reports it.
        }
    }
}
