using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Cli.Tests.Scripted;

internal sealed class ScriptedTasks : TaskService.TaskServiceBase
{
    private readonly ConcurrentDictionary<ulong, ScriptedTask> _tasks = new();
    private ulong _last;

    /// <summary>Everything that was submitted, oldest first.</summary>
    public IReadOnlyList<ScriptedTask> All => [.. _tasks.Values.OrderBy(task => task.Id)];

    /// <summary>Ids of tasks as they are cancelled.</summary>
    public Channel<ulong> Cancelled { get; } = Channel.CreateUnbounded<ulong>();

    /// <summary>Ids of tasks as they are submitted.</summary>
    public Channel<ulong> Submitted { get; } = Channel.CreateUnbounded<ulong>();

    /// <summary>Ids of tasks as somebody waits for them by their number.</summary>
    public Channel<ulong> Watched { get; } = Channel.CreateUnbounded<ulong>();

    public void EndAll()
    {
        foreach (ScriptedTask task in _tasks.Values)
            task.End(new TaskOutcome { State = TaskState.Cancelled });
    }

    public override async Task Connect(
        IAsyncStreamReader<ConnectRequest> requestStream,
        IServerStreamWriter<ConnectResponse> responseStream,
        ServerCallContext context)
    {
        Channel<ConnectResponse> responses = Channel.CreateUnbounded<ConnectResponse>();
        responses.Writer.TryWrite(new ConnectResponse { SubmitCredits = 10_000 });
        Task writing = Task.Run(async () =>
        {
            await foreach (ConnectResponse response in responses.Reader.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(response);
        });
        await foreach (ConnectRequest request in requestStream.ReadAllAsync(context.CancellationToken))
        {
            foreach (SubmissionBatch batch in request.Submissions)
            {
                int offset = 0;
                for (int n = 0; n < batch.Tags.Count; n++)
                {
                    TaskSpec task = batch.Task.Clone();
                    task.Payload = new Payload
                    {
                        Data = ByteString.CopyFrom(batch.Payloads.Take(n, ref offset).Span),
                        ContentType = batch.Payloads.ContentType,
                    };
                    if (batch.Priorities.Count > 0)
                        task.Priority = batch.Priorities[n];
                    Submit(batch.Tags[n], batch.WithoutOutcome, task, responses.Writer);
                }
            }

            foreach (ulong id in request.WatchTaskIds)
                Watch(id, responses.Writer);
            foreach (CancelTaskRequest cancel in request.Cancels)
                Cancel(cancel.TaskId);
        }

        responses.Writer.TryComplete();
        await writing;
    }

    public override Task<CancelTaskResponse> CancelTask(CancelTaskRequest request, ServerCallContext context)
    {
        ScriptedTask task = Find(request.TaskId);
        if (task.Ended.IsCompleted)
            throw Refused(StatusCode.FailedPrecondition, "TASK_FINISHED", $"Task {task.Id} has ended.");
        Cancel(request.TaskId);
        return Task.FromResult(new CancelTaskResponse { Task = task.ToInfo() });
    }

    public override Task<GetTaskResponse> GetTask(GetTaskRequest request, ServerCallContext context) =>
        Task.FromResult(new GetTaskResponse { Task = Find(request.TaskId).ToInfo() });

    public override Task<ListTasksResponse> ListTasks(ListTasksRequest request, ServerCallContext context) =>
        Task.FromResult(new ListTasksResponse { Tasks = { All.Reverse().Select(task => task.ToInfo()) } });

    public override Task<RetryTaskResponse> RetryTask(RetryTaskRequest request, ServerCallContext context) =>
        Task.FromResult(new RetryTaskResponse { TaskId = Add(Find(request.TaskId).Spec).Id });

    public override async Task ReadTaskLogs(
        ReadTaskLogsRequest request, IServerStreamWriter<ReadTaskLogsResponse> responseStream,
            ServerCallContext context)
    {
        ScriptedTask task = Find(request.TaskId);
        foreach (ReadTaskLogsResponse piece in task.Logs)
            await responseStream.WriteAsync(piece);
        if (request.Follow)
            await task.Ended;
    }

    private static RpcException Refused(StatusCode code, string reason, string message)
    {
        var status = Refusal(reason, message);
        status.Code = (int)code;
        return status.ToRpcException();
    }

    private static Google.Rpc.Status Refusal(string reason, string message) => new()
    {
        Message = message,
        Details = { Any.Pack(new ErrorInfo { Domain = "queued", Reason = reason }) },
    };

    private void Submit(
        ulong tag, bool withoutOutcome, TaskSpec spec, ChannelWriter<ConnectResponse> responses)
    {
        // A handler named in capitals is the reason to refuse it.
        string handler = spec.Handler;
        if (char.IsUpper(handler[0]))
        {
            var refused = new SubmitAck { Tag = tag, Error = Refusal(handler, $"No, {handler}.") };
            responses.TryWrite(new ConnectResponse { SubmitCredits = 1, Acks = { refused } });
            return;
        }

        ScriptedTask task = Add(spec);
        var ack = new SubmitAck { Tag = tag, TaskId = task.Id };
        responses.TryWrite(new ConnectResponse { SubmitCredits = 1, Acks = { ack } });
        if (!withoutOutcome)
            _ = SendEndAsync(task, tag, responses);
    }

    private ScriptedTask Add(TaskSpec spec)
    {
        var task = new ScriptedTask(Interlocked.Increment(ref _last), spec);
        if (spec.Handler == "exec")
        {
            Log(task, LogSource.Stdout, "\x1b[32mout");
            Log(task, LogSource.Stderr, "err\n");
            Log(task, LogSource.Stdout, "\x1b[0mput\n");
            if (ExecCommand.Parser.ParseFrom(spec.Payload.Data).Argv[0] == "flood")
            {
                Log(task, LogSource.Stdout, "more\n", droppedBytes: 1_000_000);
                Log(task, LogSource.Stderr, "", droppedBytes: 234_567);
            }
        }

        _tasks[task.Id] = task;
        if (Ends.Of(spec) is { } end)
            task.End(end);
        Submitted.Writer.TryWrite(task.Id);
        return task;
    }

    private static void Log(ScriptedTask task, LogSource source, string text, ulong droppedBytes = 0) =>
        task.Logs.Add(new ReadTaskLogsResponse
        {
            Attempt = 1,
            Source = source,
            Data = Google.Protobuf.ByteString.CopyFromUtf8(text),
            Time = new Timestamp { Seconds = 1_700_000_002 },
            DroppedBytes = droppedBytes,
        });

    private void Watch(ulong id, ChannelWriter<ConnectResponse> responses)
    {
        Watched.Writer.TryWrite(id);
        if (_tasks.TryGetValue(id, out ScriptedTask? task))
        {
            _ = SendEndAsync(task, 0, responses);
            return;
        }

        var error = new StreamError { TaskId = id, Error = Refusal("TASK_NOT_FOUND", $"Task {id} is not there.") };
        responses.TryWrite(new ConnectResponse { Errors = { error } });
    }

    private static async Task SendEndAsync(ScriptedTask task, ulong tag, ChannelWriter<ConnectResponse> responses)
    {
        TaskOutcome outcome = (await task.Ended).Clone();
        outcome.Tag = tag;
        responses.TryWrite(new ConnectResponse { Outcomes = { outcome } });
    }

    private void Cancel(ulong id)
    {
        Find(id).End(new TaskOutcome
        {
            State = TaskState.Cancelled,
            Failure = new Failure { Kind = FailureKind.Cancelled, Message = "cancelled" },
        });
        Cancelled.Writer.TryWrite(id);
    }

    private ScriptedTask Find(ulong id) => _tasks.TryGetValue(id, out ScriptedTask? task)
        ? task
        : throw Refused(StatusCode.NotFound, "TASK_NOT_FOUND", $"Task {id} is not there.");
}
