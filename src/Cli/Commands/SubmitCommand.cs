using System.CommandLine;
using Queued.Cli.Output;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class SubmitCommand
{
    public static Command Create(CommandHost host)
    {
        var input = new TaskInput();
        var flags = new SubmitFlags();
        var command = new Command("submit", "Add a task and print its number; do not wait for it.");
        input.AddTo(command);
        flags.AddTo(command);
        host.SetAction(command, async context =>
        {
            TaskPayload payload = await input.ReadAsync(context);
            SubmitOptions options = flags.Read(context);
            TaskHandle task = await context.Client.SubmitAsync(
                input.Handler(context), payload, options, context.CancellationToken);
            await PrintAsync(context, task);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The number of a task that was added, for the next command in a script.</summary>
    public static Task PrintAsync(CommandContext context, TaskHandle task, TaskId? retryOf = null)
    {
        if (task.Deduplicated)
            context.Say($"Task {task.Id} has this key already; nothing was added.");
        return context.Json
            ? context.PrintJsonAsync(
                new SubmitRecord(task.Id.Value, task.Deduplicated, retryOf?.Value), CliJson.Readable.SubmitRecord)
            : context.PrintLineAsync(task.Id.ToString());
    }
}
