using System.CommandLine;
using Queued.Cli.Input;
using Queued.Cli.Output;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

internal static class ShowCommand
{
    private const int ShownBytesMax = 4096;

    public static Command Create(CommandHost host)
    {
        Argument<TaskId> id = OptionKinds.TaskId("Number of the task.");
        Option<bool> payload = OptionKinds.Flag("--payload", "With its input.");
        var command = new Command("show", "Show all that the daemon knows of a task.") { id, payload };
        host.SetAction(command, async context =>
        {
            TaskInfo task = await context.Client.GetTaskAsync(
                context.Get(id), context.Get(payload), context.CancellationToken);
            if (context.Json)
                await context.PrintJsonAsync(TaskRecord.From(task), CliJson.Readable.TaskRecord);
            else
                await context.PrintAsync(Render(task, context.Terminal));
            return ExitCode.Ok;
        });
        return command;
    }

    private static string Render(TaskInfo task, Terminal terminal)
    {
        var fields = new FieldsView();
        fields.Add("task", task.Id.ToString());
        fields.Add("handler", task.Handler);
        fields.Add("queue", task.Queue);
        bool stopping = task.CancelRequested && !task.State.IsFinal();
        fields.Add("state", Words.Name(task.State) + (stopping ? " (asked to stop)" : ""));
        fields.Add("priority", Words.NumberOrNone(task.Priority));
        fields.Add("labels", Words.Labels(task.Labels));
        fields.Add("retry of", task.RetryOf?.ToString());
        fields.Add("submitted", Words.Time(task.SubmittedAt));
        fields.Add("due", Words.Time(task.DueAt));
        fields.Add("started", Words.Time(task.StartedAt));
        fields.Add("finished", Words.Time(task.FinishedAt));
        fields.Add("took", Words.Duration(task.FinishedAt - task.StartedAt));
        fields.Add("attempt", Words.NumberOrNone(task.Attempt));
        fields.Add("failed", Words.NumberOrNone(task.FailedAttempts));
        fields.Add("lost workers", Words.NumberOrNone(task.LostDeliveries));
        fields.Add("progress", Progress(task.Progress));
        fields.Add("input", Words.Size(task.PayloadBytes));
        AddPayload(fields, "input text", task.Payload);
        AddResult(fields, task);
        if (task.Failure is { } failure)
            FailureText.AddTo(fields, failure);
        return fields.Render() + Attempts(task, terminal);
    }

    private static string Ended(AttemptInfo attempt) => attempt switch
    {
        { Failure: { } failure } => FailureText.Line(failure),
        { EndedAt: null } => "(runs)",
        _ => "success",
    };

    private static void AddResult(FieldsView fields, TaskInfo task)
    {
        var outcome =
            new TaskOutcome { Id = task.Id, State = task.State, Result = task.Result, Failure = task.Failure };
        if (ExecResult.Read(outcome) is { } exec)
        {
            AddPayload(fields, "stdout", new TaskPayload(exec.Stdout, TaskPayload.TextContentType));
            AddPayload(fields, "stderr", new TaskPayload(exec.Stderr, TaskPayload.TextContentType));
            return;
        }

        AddPayload(fields, "result", task.Result);
    }

    private static void AddPayload(FieldsView fields, string name, TaskPayload? payload)
    {
        if (payload is not { Data.IsEmpty: false } known)
            return;
        bool whole = known.Data.Length <= ShownBytesMax && PayloadInput.IsText(known.Data.Span);
        if (whole)
            fields.AddBlock(name, known.ReadText());
        else
            fields.Add(name, $"{Words.Size(known.Data.Length)} of {known.ContentType}; --json has all of it");
    }

    private static string? Progress(TaskProgress? progress) => progress switch
    {
        null => null,
        { Total: > 0 } => $"{Words.Number(progress.Completed)} of {Words.Number(progress.Total)} {progress.Message}",
        _ => $"{Words.Number(progress.Completed)} {progress.Message}",
    };

    private static string Attempts(TaskInfo task, Terminal terminal)
    {
        if (task.Attempts.Count == 0)
            return "";
        var table = new TableView("ATTEMPT", "WORKER", "PROCESS", "STARTED", "TOOK", "ENDED BY");
        foreach (AttemptInfo attempt in task.Attempts)
        {
            table.Add(
                Words.Number((long)attempt.Attempt),
                attempt.WorkerId,
                Words.Number(attempt.ProcessId),
                Words.Time(attempt.StartedAt),
                Words.Duration(attempt.EndedAt - attempt.StartedAt),
                Ended(attempt));
        }

        return "\n" + table.Render(terminal);
    }
}
