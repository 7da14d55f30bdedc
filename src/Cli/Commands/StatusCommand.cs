using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class StatusCommand
{
    public static Command Create(CommandHost host)
    {
        var command = new Command("status", "Show how the daemon is.");
        host.SetAction(command, async context =>
        {
            DaemonStatus status = await context.Client.GetStatusAsync(context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(StatusRecord.From(status), CliJson.Readable.StatusRecord);
            else
                await context.PrintAsync(Render(status));
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Render(DaemonStatus status)
    {
        var fields = new FieldsView();
        fields.Add("queued", status.Version);
        fields.Add("state", status switch
        {
            { Draining: true } => "draining",
            { Problems.Count: > 0 } => "not ready",
            _ => "ready",
        });
        fields.AddBlock("problems", string.Join('\n', status.Problems));
        fields.Add("process", Words.Number((long)status.ProcessId));
        fields.Add("up for", Words.Duration(DateTimeOffset.UtcNow - status.StartedAt));
        fields.Add("endpoints", string.Join(", ", status.Endpoints));
        fields.Add("data", status.DataDirectory);
        fields.Add("queues", Words.Number((long)status.QueueCount));
        fields.Add("pools", Words.Number((long)status.PoolCount));
        fields.Add("workers", Words.Number((long)status.WorkerCount));
        fields.Add("sessions", Words.Number((long)status.SessionCount));
        fields.Add("open tasks", Words.Number(status.OpenTaskCount));
        fields.Add("running tasks", Words.Number(status.RunningTaskCount));
        fields.Add("finished tasks", Words.Number(status.FinishedTaskCount));
        return fields.Render();
    }
}
