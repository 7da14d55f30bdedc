using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>Many tasks, a row or a JSON line each.</summary>
internal static class TaskTable
{
    private const int FailureLengthMax = 60;

    public static async Task PrintAsync(CommandContext context, IAsyncEnumerable<TaskInfo> tasks, int most)
    {
        var table = new TableView("ID", StateColours.Column, "HANDLER", "QUEUE", "ATTEMPT", "AGE", "TOOK", "NOTE");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        int count = 0;
        await foreach (TaskInfo task in tasks.WithCancellation(context.CancellationToken))
        {
            if (count == most)
            {
                context.Say($"There are more than {most}; --limit shows more.");
                break;
            }

            count++;
            if (context.Json)
                await context.PrintJsonAsync(TaskRecord.From(task), CliJson.Readable.TaskRecord);
            else
                AddRow(table, task, now);
        }

        if (!context.Json)
            await context.PrintAsync(table.Render(context.Terminal));
    }

    private static void AddRow(TableView table, TaskInfo task, DateTimeOffset now) => table.Add(
        task.Id.ToString(),
        Words.Name(task.State),
        task.Handler,
        task.Queue,
        Words.Number((long)task.Attempt),
        Words.Duration(now - task.SubmittedAt),
        Words.Duration((task.FinishedAt ?? (task.State == TaskState.Running ? now : null)) - task.StartedAt),
        SafeText.Line(Note(task, now), FailureLengthMax));

    private static string? Note(TaskInfo task, DateTimeOffset now) => task switch
    {
        { CancelRequested: true, State: TaskState.Running } => "was asked to stop",
        { State: TaskState.Scheduled, DueAt: { } due } => $"due in {Words.Duration(due - now)}",
        { State: TaskState.Retrying, DueAt: { } due } => $"again in {Words.Duration(due - now)}",
        { State: TaskState.Running, Progress: { Total: > 0 } progress } =>
            $"{progress.Completed / progress.Total * 100:0}% {progress.Message}",
        { State: TaskState.Running, Progress.Message: { Length: > 0 } message } => message,
        { Failure: { } failure } when task.State != TaskState.Queued => FailureText.Line(failure),
        _ => null,
    };
}
