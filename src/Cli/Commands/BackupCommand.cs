using System.CommandLine;
using Queued.Cli.Output;
using Queued.Cli.Rendering;

namespace Queued.Cli.Commands;

internal static class BackupCommand
{
    public static Command Create(CommandHost host)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "The new file, where the daemon runs; nothing may be there yet.",
        };
        var command = new Command(
            "backup", "Copy all that the daemon stores to a file, while work goes on. Restore it with queued restore.")
        {
            file,
        };
        host.SetAction(command, async context =>
        {
            string path = Path.GetFullPath(context.Get(file));
            long bytes = await context.Client.BackupAsync(path, context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(new BackupRecord(path, bytes), CliJson.Readable.BackupRecord);
            else
                await context.PrintLineAsync($"{path}: {Words.Number(bytes)} bytes");
            return ExitCode.Ok;
        });
        return command;
    }
}
