using Grpc.Core;
using Queued.Broker;
using Queued.Protocol.V1;
using TaskOutcome = Queued.Broker.TaskOutcome;

namespace Queued.Daemon.Edge;

/// <summary>Calls that wait. Each watches in a session of its own, which ends with the call.</summary>
internal sealed partial class TaskGrpcService
{
    public override async Task<RunTaskResponse> RunTask(RunTaskRequest request, ServerCallContext context)
    {
        var wait = WaitLimit.Read(request.Wait, mayBeZero: false, options);
        using var end = new CallEnd(context, calls);
        var outcome = new OutcomeWait();
        await using var session = new SessionScope(broker, sessions, outcome);
        var submitted = await SubmitAsync(request.Task, session.Id, context);
        await WaitAsync(outcome.Outcome, wait, end);
        return new RunTaskResponse
        {
            Task = await ReadRunAsync(submitted.Id, request.Task, outcome.Outcome, context.CancellationToken),
            Deduplicated = submitted.Deduplicated,
        };
    }

    public override async Task<AwaitTaskResponse> AwaitTask(AwaitTaskRequest request, ServerCallContext context)
    {
        var wait = WaitLimit.Read(request.Wait, mayBeZero: true, options);
        var task = ReadId(request.TaskId);
        using var end = new CallEnd(context, calls);
        var ended = new EndedTasks(1);
        await using var session = new SessionScope(broker, sessions, ended);
        await WatchAsync(session.Id, [task], context);
        await WaitAsync(ended.Enough, wait, end);
        var view = ended.Latest(task) ?? await GetAsync(task, withPayload: false, context.CancellationToken);
        return new AwaitTaskResponse { Task = ProtoMapping.ToWire(view) };
    }

    public override async Task<AwaitTasksResponse> AwaitTasks(AwaitTasksRequest request, ServerCallContext context)
    {
        var wait = WaitLimit.Read(request.Wait, mayBeZero: true, options);
        var tasks = ReadIds(request);
        using var end = new CallEnd(context, calls);
        var ended = new EndedTasks(request.Mode == AwaitMode.First ? 1 : tasks.Count);
        await using var session = new SessionScope(broker, sessions, ended);
        await WatchAsync(session.Id, tasks, context, field: "task_ids");
        await WaitAsync(ended.Enough, wait, end);

        var response = new AwaitTasksResponse();
        var pending = new HashSet<TaskId>(tasks);
        foreach (var task in ended.Take())
        {
            pending.Remove(task.Id);
            response.Finished.Add(ProtoMapping.ToWire(task));
        }

        foreach (var task in tasks)
        {
            if (pending.Contains(task)) response.PendingTaskIds.Add(task.Value);
        }

        return response;
    }

    public override async Task WatchTask(
        WatchTaskRequest request, IServerStreamWriter<WatchTaskResponse> responseStream, ServerCallContext context)
    {
        var task = ReadId(request.TaskId);
        using var end = new CallEnd(context, calls);
        var latest = new LatestView();
        await using var session = new SessionScope(broker, sessions, latest);
        await WatchAsync(session.Id, [task], context);
        try
        {
            TaskView view;
            do
            {
                view = await latest.NextAsync(end.Token);
                await responseStream.WriteAsync(
                    new WatchTaskResponse { Task = ProtoMapping.ToWire(view) }, CancellationToken.None);
            }
            while (!view.State.IsFinal());
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            throw end.Reason();
        }
    }

    public override async Task ReadTaskLogs(
        ReadTaskLogsRequest request,
        IServerStreamWriter<ReadTaskLogsResponse> responseStream,
        ServerCallContext context)
    {
        var task = ReadId(request.TaskId);
        var view = await GetAsync(task, withPayload: false, context.CancellationToken);
        using var end = new CallEnd(context, calls);
        var outcome = new OutcomeWait();
        await using var session = new SessionScope(broker, sessions, outcome);
        var follows = request.Follow && !view.State.IsFinal();
        if (follows) await WatchAsync(session.Id, [task], context, everyChange: false);
        try
        {
            var pieces = logs.ReadAsync(task, request.Attempt, follows ? outcome.Outcome : null, end.Token);
            await foreach (var piece in pieces)
            {
                await responseStream.WriteAsync(ProtoMapping.ToWire(piece), CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            throw end.Reason();
        }
    }

    /// <summary>
    /// Waits for the end, or for as long as asked. Throws where the caller has gone or the daemon stops.
    /// </summary>
    private async Task WaitAsync(Task ended, TimeSpan wait, CallEnd end)
    {
        await ended.WaitAsync(wait, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ended.IsCompleted && end.Token.IsCancellationRequested) throw end.Reason();
    }

    private async Task WatchAsync(
        SessionId session,
        IReadOnlyList<TaskId> tasks,
        ServerCallContext context,
        bool everyChange = true,
        string field = "task_id")
    {
        var watched = await broker.AskAsync<Response.Watched>(
            id => new Command.WatchTasks(id, session, tasks, everyChange), context.CancellationToken);
        if (watched.Refused.Count == 0) return;
        throw RpcErrors.ToException(FieldPath.Called("task_id", field, watched.Refused[0].Rejection));
    }

    /// <summary>
    /// The task as it is now. One that is not kept was delivered with its outcome, which then tells all there is.
    /// </summary>
    private async Task<TaskInfo> ReadRunAsync(
        TaskId id, TaskSpec spec, Task<TaskOutcome> outcome, CancellationToken cancellationToken)
    {
        try
        {
            return ProtoMapping.ToWire(await GetAsync(id, withPayload: false, cancellationToken));
        }
        catch (RpcException exception)
            when (exception.StatusCode == StatusCode.NotFound && outcome.IsCompletedSuccessfully)
        {
            return ProtoMapping.ToWire(await outcome, spec);
        }
    }

    private List<TaskId> ReadIds(AwaitTasksRequest request)
    {
        var max = options.Limits.SubmitBatchMax;
        var check = new FieldCheck("");
        if (request.TaskIds.Count == 0 || request.TaskIds.Count > max)
        {
            check.Reject("task_ids", $"task_ids has {request.TaskIds.Count} entries. It may have 1 to {max}.");
        }

        if (!Enum.IsDefined(request.Mode))
        {
            check.Reject("mode", $"mode is {(int)request.Mode}, which is no mode of this version.");
        }

        // A number that comes twice is one task, and is waited for once.
        var tasks = new List<TaskId>(request.TaskIds.Count);
        var seen = new HashSet<ulong>(request.TaskIds.Count);
        foreach (var value in request.TaskIds)
        {
            if (seen.Add(value)) tasks.Add(check.Task(value, "task_ids"));
        }

        check.ThrowIfBad();
        return tasks;
    }
}
