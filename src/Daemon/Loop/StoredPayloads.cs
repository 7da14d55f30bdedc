using Queued.Broker;
using Queued.Daemon.Memory;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Loop;

/// <summary>
/// Fills in the payloads that an effect has as references, into the store, or into a memory segment that its receiver
/// cannot map.
/// </summary>
internal sealed class StoredPayloads(IStore store, SegmentFiles segments, BrokerLoopOptions options)
{
    public static bool AreIn(Effect effect) => effect switch
    {
        Effect.Assign assign => IsElsewhere(assign.Assignment.Payload),
        Effect.StartExec exec => IsElsewhere(exec.Assignment.Payload),
        Effect.TaskFinished finished => IsElsewhere(finished.Outcome.Result),
        Effect.TaskChanged changed => AreIn(changed.Task),
        Effect.Reply { Response: Response.OneTask one } => AreIn(one.Task),
        Effect.Reply { Response: Response.TaskPage page } => page.Tasks.Any(AreIn),
        Effect.Reply { Response: Response.MessagesGiven given } => given.NeedsRead,
        Effect.Reply { Response: Response.MessagesShown shown } => shown.NeedsRead,
        _ => false,
    };

    /// <summary>
    /// The same with the bytes. Where they cannot be read, an outcome becomes a failure that says so, because a result
    /// of nothing would be a lie.
    /// </summary>
    /// <exception cref="PayloadLostException">An attempt's payload cannot be read.</exception>
    public async Task<Effect> ReadAsync(Effect effect)
    {
        switch (effect)
        {
            case Effect.Assign assign:
                return assign with { Assignment = await ReadAsync(assign.Assignment) };
            case Effect.StartExec exec:
                return exec with { Assignment = await ReadAsync(exec.Assignment) };
            case Effect.TaskFinished finished:
                return finished with { Outcome = await ReadAsync(finished.Outcome) };
            case Effect.TaskChanged changed:
                return changed with { Task = await ReadAsync(changed.Task) };
            case Effect.Reply { Response: Response.OneTask one } reply:
                return reply with { Response = new Response.OneTask(await ReadAsync(one.Task)) };
            case Effect.Reply { Response: Response.TaskPage page } reply:
                var tasks = new List<TaskView>(page.Tasks.Count);
                foreach (var task in page.Tasks) tasks.Add(await ReadAsync(task));
                return reply with { Response = page with { Tasks = tasks } };
            case Effect.Reply { Response: Response.MessagesShown shown } reply:
                var (messages, _) = await ReadAsync(shown.Messages);
                return reply with { Response = new Response.MessagesShown(messages) };
            default:
                return effect;
        }
    }

    /// <summary>Those whose bytes are there, and what the core has to know of all that were read.</summary>
    public async Task<(IReadOnlyList<MessageView> Messages, Command.MessagesRead Read)> ReadAsync(
        IReadOnlyList<MessageView> given)
    {
        var (messages, read, lost) = (
            new List<MessageView>(given.Count), new List<AttemptId>(), new List<(AttemptId, string)>());
        foreach (var message in given)
        {
            if (!message.Payload.IsStored)
            {
                messages.Add(message);
                continue;
            }

            var delivery = new AttemptId(message.Id, message.Delivery);
            try
            {
                var payload = await store.ReadPayloadAsync(message.Id, PayloadKind.Input);
                messages.Add(message with { Payload = payload });
                read.Add(delivery);
            }
            catch (PayloadLostException e)
            {
                lost.Add((delivery, e.Message));
            }
        }

        return (messages, new Command.MessagesRead(read, lost));
    }

    private static bool AreIn(TaskView task) => IsElsewhere(task.Payload) || IsElsewhere(task.Result);

    private static bool IsElsewhere(TaskPayload? payload) => payload is { IsStored: true } or { IsToBeRead: true };

    private ValueTask<TaskPayload> ReadAsync(TaskId task, PayloadKind kind, TaskPayload payload)
    {
        if (payload.IsStored) return store.ReadPayloadAsync(task, kind);
        var range = payload.Range!;
        var what = kind == PayloadKind.Input ? "payload" : "result";
        var bytesMax = options.Limits.PayloadBytesMax;
        if (range.Length > bytesMax)
        {
            throw new PayloadLostException(
                $"the {what} of task {task} has {range.Length} bytes, more than payload_bytes_max ({bytesMax}), " +
                "and who " +
                "is to have it does not map shared memory.");
        }

        var bytes = GC.AllocateUninitializedArray<byte>(range.Length);
        try
        {
            segments.Read(range, bytes);
        }
        catch (IOException exception)
        {
            throw new PayloadLostException(
                $"the {what} of task {task} cannot be read from shared memory: {exception.Message}", exception);
        }

        return new ValueTask<TaskPayload>(new TaskPayload(bytes, payload.ContentType));
    }

    private async Task<Assignment> ReadAsync(Assignment assignment) => assignment with
    {
        Payload = await ReadAsync(assignment.Attempt.Task, PayloadKind.Input, assignment.Payload),
    };

    private async Task<TaskOutcome> ReadAsync(TaskOutcome outcome)
    {
        try
        {
            return outcome with { Result = await ReadAsync(outcome.Id, PayloadKind.Result, outcome.Result!.Value) };
        }
        catch (PayloadLostException e)
        {
            return outcome with
            {
                State = TaskState.Failed,
                Result = null,
                Failure = new TaskFailure(FailureKind.Lost, $"It ended as {outcome.State}, but {e.Message}"),
            };
        }
    }

    private async Task<TaskView> ReadAsync(TaskView task)
    {
        try
        {
            if (IsElsewhere(task.Payload))
                task = task with { Payload = await ReadAsync(task.Id, PayloadKind.Input, task.Payload!.Value) };
            if (IsElsewhere(task.Result))
                task = task with { Result = await ReadAsync(task.Id, PayloadKind.Result, task.Result!.Value) };
            return task;
        }
        catch (PayloadLostException e)
        {
            return task with
            {
                Payload = IsElsewhere(task.Payload) ? null : task.Payload,
                Result = IsElsewhere(task.Result) ? null : task.Result,
                Failure = task.Failure ?? new TaskFailure(FailureKind.Lost, e.Message),
            };
        }
    }
}
