using System.CommandLine;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class WaitCommand
{
    // Timers end at 2^32 milliseconds.
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromDays(49);

    public static Command Create(CommandHost host)
    {
        Argument<TaskId[]> ids = OptionKinds.TaskIds("Numbers of the tasks.", ArgumentArity.OneOrMore);
        Option<bool> any = OptionKinds.Flag("--any", "Wait for the first one only.");
        Option<TimeSpan?> timeout = OptionKinds.Duration(
            "--timeout",
            "Give up the wait after this long, at most 49d, with exit code 124; the tasks go on.",
            most: TimeoutMax);
        Option<bool> raw = SharedOptions.Raw();
        var command = new Command("wait", "Wait for tasks to end and print their results, in the order of their ends.")
        {
            ids, any, timeout, raw,
        };
        host.SetAction(command, async context =>
        {
            using var limit = new CancellationTokenSource(context.Get(timeout) ?? Timeout.InfiniteTimeSpan);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, limit.Token);
            try
            {
                return await WaitAsync(context, context.Get(ids), context.Get(any), context.Get(raw), both.Token);
            }
            catch (OperationCanceledException) when (
                limit.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
            {
                context.Say("The tasks have not ended in time; they go on.");
                return ExitCode.TimedOut;
            }
        });
        return command;
    }

    private static async Task<int> WaitAsync(
        CommandContext context, TaskId[] ids, bool any, bool raw, CancellationToken cancellationToken)
    {
        TaskHandle[] tasks = [.. ids.Distinct().Select(context.Client.GetHandle)];
        if (tasks is [var only])
        {
            context.Await(only.Id, isAdded: false);
            return await TaskWait.PrintAsync(context, await TaskWait.ShownAsync(context, only, cancellationToken), raw);
        }

        if (any)
        {
            TaskOutcome first = await TaskWait.ExplainedAsync(
                context, tasks, () => context.Client.WaitAnyAsync(tasks, cancellationToken));
            return await PrintAsync(context, first, raw);
        }

        return await TaskWait.ExplainedAsync(
            context, tasks, () => WaitAllAsync(context, tasks, raw, cancellationToken));
    }

    private static async Task<int> WaitAllAsync(
        CommandContext context, TaskHandle[] tasks, bool raw, CancellationToken cancellationToken)
    {
        int exitCode = ExitCode.Ok;
        await foreach (TaskOutcome outcome in context.Client.WhenEachAsync(tasks, cancellationToken))
            exitCode = Math.Max(exitCode, await PrintAsync(context, outcome, raw));
        return exitCode;
    }

    private static Task<int> PrintAsync(CommandContext context, TaskOutcome outcome, bool raw)
    {
        if (outcome.IsSuccess && !context.Json)
            context.Say($"Task {outcome.Id} succeeded.");
        return TaskWait.PrintAsync(context, outcome, raw);
    }
}
