using System.CommandLine;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class RunCommand
{
    public static Command Create(CommandHost host)
    {
        var input = new TaskInput();
        var flags = new SubmitFlags();
        Option<bool> raw = SharedOptions.Raw();
        var command = new Command("run", "Add a task, wait for it, and print its result. Ctrl-C cancels it.") { raw };
        input.AddTo(command);
        flags.AddTo(command);
        host.SetAction(command, async context =>
        {
            TaskPayload payload = await input.ReadAsync(context);
            // Not cancelled in mid-air: only a task with a known number can be cancelled for sure.
            TaskHandle task = await context.Client.SubmitAsync(
                input.Handler(context), payload, flags.Read(context), CancellationToken.None);
            TaskOutcome outcome = await TaskWait.OwnAsync(context, task);
            return await TaskWait.PrintAsync(context, outcome, context.Get(raw));
        });
        return command;
    }
}
