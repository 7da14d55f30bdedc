using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Queued.Protocol.V1;

namespace Queued.Client.Tests;

public sealed class CallTests
{
    [Fact]
    public async Task A_task_is_read_with_all_that_the_daemon_says()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        daemon.OnGetTask = request => new Protocol.V1.TaskInfo
        {
            TaskId = request.TaskId,
            Handler = "square",
            Queue = "math",
            State = Protocol.V1.TaskState.Retrying,
            Attempt = 2,
            FailedAttempts = 1,
            Failure = new Failure { Kind = Protocol.V1.FailureKind.ExitCode, ExitCode = 0, PeakResidentBytes = 5 },
            Progress = new Progress { Completed = 1, Total = 3, Message = "one of three" },
            Attempts = { new Protocol.V1.AttemptInfo { Attempt = 1, WorkerId = "w1", ProcessId = 77 } },
            Labels = { ["a"] = "b" },
            RetryOf = 3,
            PayloadBytes = 9,
            Payload = request.IncludePayload ? new Payload { Data = ByteString.CopyFromUtf8("12") } : null,
        };
        var task = await client.GetTaskAsync(new TaskId(8), includePayload: true);
        Assert.Equal(
            (8ul, "square", "math", TaskState.Retrying), (task.Id.Value, task.Handler, task.Queue, task.State));
        Assert.Equal(
            (FailureKind.ExitCode, 0, 5L), (task.Failure!.Kind, task.Failure.ExitCode, task.Failure.PeakResidentBytes));
        Assert.Null(task.Failure.Signal);
        Assert.Equal(new TaskProgress(1, 3, "one of three"), task.Progress);
        Assert.Equal((1, "w1", 77), (task.Attempts[0].Attempt, task.Attempts[0].WorkerId, task.Attempts[0].ProcessId));
        Assert.Equal(("b", new TaskId(3), "12"), (task.Labels["a"], task.RetryOf, task.Payload!.Value.ReadText()));
        Assert.Null((await client.GetTaskAsync(new TaskId(8))).Payload);
    }

    [Fact]
    public async Task States_that_this_client_does_not_know_are_unknown()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        daemon.OnGetTask = _ => new Protocol.V1.TaskInfo { TaskId = 1, State = (Protocol.V1.TaskState)99 };
        Assert.Equal(TaskState.Unknown, (await client.GetTaskAsync(new TaskId(1))).State);
    }

    [Fact]
    public async Task A_list_goes_on_over_short_and_empty_pages()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        daemon.OnListTasks = request => request.PageToken switch
        {
            "" => new ListTasksResponse { Tasks = { Info(3), Info(2) }, NextPageToken = "b" },
            "b" => new ListTasksResponse { NextPageToken = "c" },
            _ => new ListTasksResponse { Tasks = { Info((uint)request.Filter.States.Count) } },
        };
        var query = new TaskQuery { States = [TaskState.Failed] };
        Assert.Equal([3ul, 2ul, 1ul], await client.ListTasksAsync(query).Select(task => task.Id.Value).ToListAsync());
    }

    [Fact]
    public async Task An_error_of_a_call_is_the_exception_of_its_reason_whatever_its_message()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        daemon.OnGetTask = _ => throw ScriptedDaemon.Error("TASK_NOT_FOUND", "It is QUEUE_FULL.").ToRpcException();
        var error = await Assert.ThrowsAsync<TaskNotFoundException>(() => client.GetTaskAsync(new TaskId(1)));
        Assert.Equal("It is QUEUE_FULL.", error.Message);
        Assert.IsType<RpcException>(error.InnerException);

        daemon.OnGetTask = _ => throw ScriptedDaemon.Error("NEWER_THAN_THIS", "What?").ToRpcException();
        var unknown = await Assert.ThrowsAsync<DaemonFaultException>(() => client.GetTaskAsync(new TaskId(1)));
        Assert.Equal("NEWER_THAN_THIS", unknown.Reason);

        daemon.OnGetTask = _ => throw new RpcException(new Status(StatusCode.Unimplemented, "no such method"));
        await Assert.ThrowsAsync<DaemonFaultException>(() => client.GetTaskAsync(new TaskId(1)));
    }

    [Fact]
    public async Task The_callers_token_is_the_callers_cancellation()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetTaskAsync(new TaskId(1), cancellationToken: new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.SubmitAsync("square", 1, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task An_exec_result_is_read_also_where_the_command_failed()
    {
        await using var daemon = await ScriptedDaemon.StartAsync();
        await using var client = daemon.Connect();
        var running = client.ExecAsync(
            new ExecRequest { Arguments = ["sh", "-c", "exit 3"], WorkingDirectory = "/tmp" });
        var stream = await daemon.AcceptAsync();
        var submission = await stream.SubmissionAsync();
        var command = ExecCommand.Parser.ParseFrom(submission.Task.Payload.Data);
        Assert.Equal(("exec", "/tmp"), (submission.Task.Handler, command.Cwd));
        Assert.Equal(["sh", "-c", "exit 3"], command.Argv);
        await stream.AckAsync(submission, 1);
        var result = new Protocol.V1.ExecResult { ExitCode = 3, Stderr = ByteString.CopyFromUtf8("no") };
        await stream.OutcomeAsync(new Protocol.V1.TaskOutcome
        {
            Tag = submission.Tag,
            TaskId = 1,
            State = Protocol.V1.TaskState.Failed,
            Failure = new Failure { Kind = Protocol.V1.FailureKind.ExitCode, ExitCode = 3 },
            Result = new Payload { Data = result.ToByteString(), ContentType = submission.Task.Payload.ContentType },
        });
        var ended = await running;
        Assert.Equal((3, "no"), (ended.ExitCode, System.Text.Encoding.UTF8.GetString(ended.Stderr.Span)));
    }

    [Fact]
    public async Task A_service_collection_gets_one_client()
    {
        await using var services = new ServiceCollection()
            .AddQueuedClient(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" })
            .AddQueuedClient(new QueuedClientOptions { Address = "unix:/elsewhere/q.sock" })
            .BuildServiceProvider();
        Assert.Same(services.GetRequiredService<QueuedClient>(), services.GetRequiredService<IQueuedClient>());
        Assert.Equal("unix:/nowhere/q.sock", services.GetRequiredService<QueuedClient>().Address);
    }

    [Fact]
    public void Options_out_of_range_are_refused_together()
    {
        var options =
            new QueuedClientOptions { DefaultTimeout = TimeSpan.Zero, ReconnectTimeout = TimeSpan.FromDays(9) };
        var error = Assert.Throws<ArgumentException>(() => new QueuedClient(options));
        Assert.Contains("DefaultTimeout", error.Message, StringComparison.Ordinal);
        Assert.Contains("ReconnectTimeout", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new QueuedClient(new QueuedClientOptions { Address = "ftp://x" }));
    }

    [Theory]
    [InlineData("17", true)]
    [InlineData("0", false)]
    [InlineData("-1", false)]
    [InlineData("x", false)]
    [InlineData("", false)]
    public void Task_numbers_are_read_from_text(string text, bool isGood) =>
        Assert.Equal(isGood, TaskId.TryParse(text, out var id) && id.ToString() == text);

    private static Protocol.V1.TaskInfo Info(uint id) => new() { TaskId = id };
}
