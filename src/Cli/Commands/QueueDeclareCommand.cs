using System.CommandLine;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class QueueDeclareCommand
{
    public static Command Create(CommandHost host)
    {
        Argument<string> name = OptionKinds.Name("NAME", "Name of the queue.");
        Option<long?> bytesMax = OptionKinds.Size("--bytes-max", "Most payload bytes of tasks that have not ended.");
        Option<int?> tasksMax = OptionKinds.Number(
            "--tasks-max", "Most tasks that have not ended. Default: 10000000.", 1, int.MaxValue);
        Option<int?> runningMax = OptionKinds.Number(
            "--running-max", "Most tasks that run at once. Default: as many as there are workers.", 1, int.MaxValue);
        Option<int?> deadMax = OptionKinds.Number(
            "--dead-max", "Most dead letters kept. Default: 10000.", 1, int.MaxValue);
        Option<int?> maxAttempts = OptionKinds.Number(
            "--max-attempts", "Attempts in all, for tasks that do not say. Default: 1.", 1, 1000);
        Option<int?> maxDeliveries = OptionKinds.Number(
            "--max-deliveries", "How often a task's worker may die, for tasks that do not say. Default: 3.", 1, 1000);
        Option<TimeSpan?> backoff = OptionKinds.Duration("--backoff", "Delay before the second attempt. Default: 1s.");
        Option<TimeSpan?> backoffMax = OptionKinds.Duration("--backoff-max", "Longest such delay. Default: 5m.");
        Option<TimeSpan?> timeout = OptionKinds.Duration(
            "--timeout", "Timeout of an attempt, for tasks that do not say. Default: none.");
        Option<TimeSpan?> grace = OptionKinds.Duration("--grace", "From the request to stop to the kill. Default: 5s.");
        Option<TimeSpan?> resultTtl = OptionKinds.Duration("--result-ttl", "How long results stay. Default: 1h.");
        Option<bool> messages = OptionKinds.Flag("--messages", "It holds plain messages, which clients put and get.");
        Option<bool> lifo = OptionKinds.Flag("--lifo", "The newest message comes first. With --messages alone.");
        var command = new Command(
            "declare", "Make a queue, or give an old one new settings; what is not given takes its default.")
        {
            name, tasksMax, bytesMax, runningMax, deadMax, maxAttempts, maxDeliveries, backoff, backoffMax, timeout,
            grace, resultTtl, messages, lifo,
        };
        host.SetAction(command, async context =>
        {
            var policy = new QueuePolicy
            {
                Kind = context.Get(messages) ? QueueKind.Messages : QueueKind.Default,
                Order = context.Get(lifo) ? QueueOrder.Lifo : QueueOrder.Default,
                TasksMax = context.Get(tasksMax),
                BytesMax = context.Get(bytesMax),
                RunningMax = context.Get(runningMax),
                DeadMax = context.Get(deadMax),
                Timeout = context.Get(timeout),
                Grace = context.Get(grace),
                ResultTtl = context.Get(resultTtl),
                Retry = new RetryPolicy
                {
                    MaxAttempts = context.Get(maxAttempts),
                    MaxDeliveries = context.Get(maxDeliveries),
                    InitialBackoff = context.Get(backoff),
                    MaxBackoff = context.Get(backoffMax),
                },
            };
            QueueInfo queue = await context.Client.Queues.DeclareAsync(
                context.Get(name), policy, context.CancellationToken);
            await QueueCommand.PrintAsync(context, queue);
            return ExitCode.Ok;
        });
        return command;
    }
}
