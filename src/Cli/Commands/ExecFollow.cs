using System.Globalization;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>A command that runs as a task, seen from the terminal that waits for it.</summary>
internal static class ExecFollow
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandContext context, TaskHandle task, bool raw)
    {
        // The wait goes on after Ctrl-C: the command is asked to stop, and what it says to that is still shown.
        context.Await(task.Id, isAdded: true);
        Task<(TaskOutcome Outcome, long MissingBytes)> running = TaskWait.ExplainedAsync(
            context, [task], () => FollowAsync(context, task, raw));
        var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.CancellationToken.Register(interrupted.SetResult);
        if (await Task.WhenAny(running, interrupted.Task) == interrupted.Task)
            await TaskWait.CancelAsync(context, task);

        TaskOutcome outcome;
        long missingBytes;
        try
        {
            (outcome, missingBytes) = await running;
        }
        catch (Exception exception) when (exception is OutputClosedException or OutputFailedException)
        {
            // A shell would end the command with the pipe that it writes to.
            await TaskWait.CancelAsync(task, "nobody reads the output of queuectl any more");
            throw;
        }

        bool cancelledHere = outcome.State == TaskState.Cancelled && context.CancellationToken.IsCancellationRequested;
        int exitCode = cancelledHere ? context.Interruption.ExitCode : ExecExit.CodeOf(outcome);
        if (context.Json)
            await PrintJsonAsync(context, outcome, exitCode);
        else if (!outcome.IsSuccess && !cancelledHere && !IsOwnExit(outcome))
            context.Report(ErrorReport.Of(outcome));
        if (missingBytes == 0)
            return exitCode;
        context.Report(Missing(task.Id, missingBytes));
        return exitCode == ExitCode.Ok ? ExitCode.ExecFailed : exitCode;
    }

    private static async Task<(TaskOutcome Outcome, long MissingBytes)> FollowAsync(
        CommandContext context, TaskHandle task, bool raw)
    {
        long missingBytes = context.Json ? 0 : await StreamAsync(context, task, raw);
        return (await task.WaitAsync(CancellationToken.None), missingBytes);
    }

    /// <returns>How many bytes the command wrote that are not in the stream.</returns>
    private static async Task<long> StreamAsync(CommandContext context, TaskHandle task, bool raw)
    {
        long missingBytes = 0;
        Terminal terminal = context.Terminal;
        SafeStream? output = raw || !terminal.IsOutputTerminal ? null : new SafeStream(terminal.Output);
        SafeStream? error = raw || !terminal.IsErrorTerminal ? null : new SafeStream(terminal.ErrorStream);
        await foreach (TaskLogEntry entry in task.ReadLogsAsync(follow: true, CancellationToken.None))
        {
            bool isError = entry.Source == LogSource.Stderr;
            missingBytes += entry.DroppedBytes;
            if ((isError ? error : output) is { } safe)
                await safe.WriteAsync(entry.Data, CancellationToken.None);
            else if (isError)
                await terminal.ErrorStream.WriteAsync(entry.Data, CancellationToken.None);
            else
                await context.Output.WriteAsync(entry.Data, CancellationToken.None);
        }

        if (output is not null)
            await output.FinishAsync(CancellationToken.None);
        if (error is not null)
            await error.FinishAsync(CancellationToken.None);
        return missingBytes;
    }

    private static ErrorRecord Missing(TaskId task, long bytes) => new()
    {
        Reason = "OUTPUT_LOST",
        TaskId = task.Value,
        Message = string.Create(
            CultureInfo.InvariantCulture,
            $"{bytes} bytes of the command's output are missing: they were not read in time, and the daemon keeps only "
            + $"logs.bytes_per_attempt. Read faster, raise that limit, or let the command write to a file by itself."),
    };

    /// <summary>The command ran and ended by itself with a code: it has said itself what there was to say.</summary>
    private static bool IsOwnExit(TaskOutcome outcome) => outcome.Failure?.Kind == FailureKind.ExitCode;

    private static Task PrintJsonAsync(CommandContext context, TaskOutcome outcome, int exitCode)
    {
        ExecResult? result = ExecResult.Read(outcome);
        var record = new ExecRecord
        {
            TaskId = outcome.Id.Value,
            State = Words.Name(outcome.State),
            ExitCode = exitCode,
            Attempt = outcome.Attempt,
            Exec = result is null ? null : ExecResultRecord.From(result),
            Failure = FailureRecord.From(outcome.Failure),
        };
        return context.Output.WriteJsonAsync(record, CliJson.Readable.ExecRecord, CancellationToken.None);
    }
}
