using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Logs;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;
using SubmitResult = Queued.Broker.SubmitResult;

namespace Queued.Daemon.Edge;

/// <summary>Tasks. What waits is in TaskGrpcService.Waits.cs, the client's stream in ClientSession.cs.</summary>
internal sealed partial class TaskGrpcService(
    BrokerGateway broker,
    SessionRegistry sessions,
    TaskLogStore logs,
    ExecPolicy exec,
    BrokerLoopOptions options,
    TimeProvider time,
    OpenCalls calls) : TaskService.TaskServiceBase
{
    public override async Task<SubmitTaskResponse> SubmitTask(SubmitTaskRequest request, ServerCallContext context)
    {
        var result = await SubmitAsync(request.Task, default, context);
        return new SubmitTaskResponse { TaskId = result.Id.Value, Deduplicated = result.Deduplicated };
    }

    public override async Task<SubmitTasksResponse> SubmitTasks(SubmitTasksRequest request, ServerCallContext context)
    {
        var max = options.Limits.SubmitBatchMax;
        if (request.Tasks.Count == 0 || request.Tasks.Count > max)
        {
            throw RpcErrors.InvalidCall("tasks", $"tasks has {request.Tasks.Count} entries. It may have 1 to {max}.");
        }

        using var activity = SubmitActivity.Start(request.Tasks.Count, null);
        var reader = new SubmissionReader(exec, context);
        var response = new SubmitTasksResponse();
        var accepted = new List<TaskSubmission>(request.Tasks.Count);
        for (var i = 0; i < request.Tasks.Count; i++)
        {
            // Its place is its tag, so that results find their way back whatever was refused here.
            var task = reader.Read(request.Tasks[i], $"tasks[{i}].", (ulong)i, false, activity, out var refusal);
            if (task is not null) accepted.Add(task);
            response.Results.Add(new Protocol.V1.SubmitResult { Error = refusal });
        }

        if (accepted.Count == 0) return response;
        var submitted = await broker.AskAsync<Response.Submitted>(
            id => new Command.SubmitTasks(id, default, accepted), context.CancellationToken);
        foreach (var result in submitted.Results)
        {
            response.Results[(int)result.Tag] = ProtoMapping.ToWire(result, $"tasks[{result.Tag}].");
        }

        return response;
    }

    public override async Task<GetTaskResponse> GetTask(GetTaskRequest request, ServerCallContext context)
    {
        var task = await GetAsync(ReadId(request.TaskId), request.IncludePayload, context.CancellationToken);
        return new GetTaskResponse { Task = ProtoMapping.ToWire(task) };
    }

    public override async Task<ListTasksResponse> ListTasks(ListTasksRequest request, ServerCallContext context)
    {
        var check = new FieldCheck("");
        var query = ProtoMapping.ToQuery(request.Filter, ref check);
        var before = check.TaskToken(request.PageToken, "page_token");
        check.ThrowIfBad();
        var page = await broker.AskAsync<Response.TaskPage>(
            id => new Command.ListTasks(id, query, PageSize.Of(request.PageSize), before), context.CancellationToken);
        var response = new ListTasksResponse { NextPageToken = page.Next?.ToString() ?? "" };
        foreach (var task in page.Tasks) response.Tasks.Add(ProtoMapping.ToWire(task));
        return response;
    }

    public override async Task<CancelTaskResponse> CancelTask(CancelTaskRequest request, ServerCallContext context)
    {
        var check = new FieldCheck("");
        var task = check.Task(request.TaskId, "task_id");
        var grace = check.Duration(request.Grace, "grace");
        check.ThrowIfBad();
        var response = await broker.AskAsync<Response.OneTask>(
            id => new Command.CancelTask(id, task, request.Reason, grace), context.CancellationToken);
        return new CancelTaskResponse { Task = ProtoMapping.ToWire(response.Task) };
    }

    public override async Task<RetryTaskResponse> RetryTask(RetryTaskRequest request, ServerCallContext context)
    {
        var task = ReadId(request.TaskId);
        var response = await broker.AskAsync<Response.Retried>(
            id => new Command.RetryTask(id, task), context.CancellationToken);
        return new RetryTaskResponse { TaskId = response.Task.Value };
    }

    public override async Task Connect(
        IAsyncStreamReader<ConnectRequest> requestStream,
        IServerStreamWriter<ConnectResponse> responseStream,
        ServerCallContext context)
    {
        if (!sessions.TryOpenStream(options.SessionsMax)) throw RpcErrors.ToException(SessionRegistry.Full(options));
        try
        {
            using var end = new CallEnd(context, calls);
            await using var session = new ClientSession(
                broker, sessions, new SubmissionReader(exec, context), options, time);
            await session.RunAsync(requestStream, responseStream, end);
        }
        finally
        {
            sessions.CloseStream();
        }
    }

    private async Task<SubmitResult> SubmitAsync(TaskSpec? spec, SessionId session, ServerCallContext context)
    {
        using var activity = SubmitActivity.Start(1, spec);
        var reader = new SubmissionReader(exec, context);
        var task = reader.Read(spec, FieldPath.Task, 0, !session.IsNone, activity, out var refusal);
        if (task is null) throw refusal!.ToRpcException();

        var response = await broker.AskAsync<Response.Submitted>(
            id => new Command.SubmitTasks(id, session, [task]), context.CancellationToken);
        var result = response.Results[0];
        return result.Rejection is not { } rejection
            ? result
            : throw RpcErrors.ToException(FieldPath.Under(FieldPath.Task, rejection));
    }

    private async Task<TaskView> GetAsync(TaskId task, bool withPayload, CancellationToken cancellationToken)
    {
        var response = await broker.AskAsync<Response.OneTask>(
            id => new Command.GetTask(id, task, withPayload), cancellationToken);
        return response.Task;
    }

    private static TaskId ReadId(ulong value)
    {
        var check = new FieldCheck("");
        var id = check.Task(value, "task_id");
        check.ThrowIfBad();
        return id;
    }
}
