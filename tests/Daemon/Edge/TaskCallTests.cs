using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Calls that wait for tasks, and what they see.</summary>
public sealed class TaskCallTests : IAsyncLifetime
{
    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task RunTask_answers_with_the_result()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var running = _host.Tasks.RunTaskAsync(new RunTaskRequest { Task = Task("in") });
        var assignment = await worker.TakeAsync();
        Assert.Equal("in", assignment.Payload.Data.ToStringUtf8());
        await worker.SettleAsync(assignment, "out");

        var task = (await running).Task;
        Assert.Equal(TaskState.Succeeded, task.State);
        Assert.Equal("out", task.Result.Data.ToStringUtf8());
        Assert.Equal((assignment.TaskId, 1U), (task.TaskId, task.Attempt));
    }

    [Fact]
    public async Task RunTask_answers_with_the_result_of_a_task_that_is_not_kept()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var spec = Task("in");
        spec.ResultTtl = new Duration();
        var running = _host.Tasks.RunTaskAsync(new RunTaskRequest { Task = spec });
        await worker.SettleAsync(await worker.TakeAsync(), "out");

        var task = (await running).Task;
        Assert.Equal("out", task.Result.Data.ToStringUtf8());
        Assert.Equal((TaskState.Succeeded, "h", "default"), (task.State, task.Handler, task.Queue));
    }

    [Fact]
    public async Task RunTask_answers_with_the_task_as_it_is_when_the_wait_is_over()
    {
        var wait = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1));
        var response = await _host.Tasks.RunTaskAsync(new RunTaskRequest { Task = Task(), Wait = wait });

        Assert.Equal(TaskState.Queued, response.Task.State);
    }

    [Fact]
    public async Task RunTask_of_a_known_key_waits_for_the_first_task()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var spec = Task("in");
        spec.IdempotencyKey = new IdempotencyKey { Key = "k" };
        var first = await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = spec });
        var running = _host.Tasks.RunTaskAsync(new RunTaskRequest { Task = spec });
        await worker.SettleAsync(await worker.TakeAsync(), "out");

        var response = await running;
        Assert.True(response.Deduplicated);
        Assert.Equal((first.TaskId, TaskState.Succeeded), (response.Task.TaskId, response.Task.State));
        var again = await _host.Tasks.RunTaskAsync(new RunTaskRequest { Task = spec });
        Assert.Equal((first.TaskId, TaskState.Succeeded), (again.Task.TaskId, again.Task.State));
    }

    [Fact]
    public async Task AwaitTask_waits_for_the_end()
    {
        using var worker = await TestWorker.ConnectAsync(_host, credits: 0);
        var id = await SubmitAsync();
        var waiting = _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = id });
        await worker.SendAsync(new WorkRequest { Credits = 1 });
        await worker.SettleAsync(await worker.TakeAsync(), "out");

        Assert.Equal("out", (await waiting).Task.Result.Data.ToStringUtf8());
        Assert.Equal(TaskState.Succeeded, (await Await(id)).State);
    }

    [Fact]
    public async Task AwaitTask_of_a_task_that_is_not_kept_answers_with_its_last_state()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var spec = Task();
        spec.ResultTtl = new Duration();
        var id = (await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = spec })).TaskId;
        var assignment = await worker.TakeAsync();
        using var watch = _host.Tasks.WatchTask(new WatchTaskRequest { TaskId = id });
        Assert.True(await watch.ResponseStream.MoveNext(default));
        var waiting = _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = id });
        var zero = new AwaitTaskRequest { TaskId = id, Wait = new Duration() };
        Assert.Equal(TaskState.Running, (await _host.Tasks.AwaitTaskAsync(zero)).Task.State);
        await worker.SettleAsync(assignment, "out");
        while (await watch.ResponseStream.MoveNext(default))
        {
            if (watch.ResponseStream.Current.Task.State == TaskState.Succeeded) break;
        }

        try
        {
            Assert.Equal(TaskState.Succeeded, (await waiting).Task.State);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            // The wait began when the task had gone.
        }
    }

    [Fact]
    public async Task AwaitTasks_answers_in_the_order_of_their_ends()
    {
        using var worker = await TestWorker.ConnectAsync(_host, credits: 3);
        var ids = new[] { await SubmitAsync(), await SubmitAsync(), await SubmitAsync() };
        var assignments = new[] { await worker.TakeAsync(), await worker.TakeAsync(), await worker.TakeAsync() };
        var request = new AwaitTasksRequest { TaskIds = { ids }, Mode = AwaitMode.All };
        var waiting = _host.Tasks.AwaitTasksAsync(request);
        await worker.SettleAsync(assignments[1]);
        await worker.SettleAsync(assignments[0]);
        await worker.SettleAsync(assignments[2]);

        var response = await waiting;
        Assert.Equal(ids.Order(), response.Finished.Select(task => task.TaskId).Order());
        Assert.Empty(response.PendingTaskIds);
    }

    [Fact]
    public async Task AwaitTasks_first_answers_with_the_first()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var ids = new[] { await SubmitAsync(), await SubmitAsync() };
        var request = new AwaitTasksRequest { TaskIds = { ids }, Mode = AwaitMode.First };
        var waiting = _host.Tasks.AwaitTasksAsync(request);
        await worker.SettleAsync(await worker.TakeAsync(), credits: 0);

        var response = await waiting;
        Assert.Equal(ids[0], Assert.Single(response.Finished).TaskId);
        Assert.Equal([ids[1]], response.PendingTaskIds);
    }

    [Fact]
    public async Task AwaitTasks_says_which_have_not_ended_when_the_wait_is_over()
    {
        var ids = new[] { await SubmitAsync(), await SubmitAsync() };
        await _host.Tasks.CancelTaskAsync(new CancelTaskRequest { TaskId = ids[0] });
        var request = new AwaitTasksRequest { TaskIds = { ids }, Wait = new Duration() };
        var response = await _host.Tasks.AwaitTasksAsync(request);

        Assert.Equal(ids[0], Assert.Single(response.Finished).TaskId);
        Assert.Equal([ids[1]], response.PendingTaskIds);
    }

    [Fact]
    public async Task A_call_s_deadline_ends_its_wait_and_nothing_else()
    {
        var id = await SubmitAsync();
        var deadline = DateTime.UtcNow.AddMilliseconds(50);
        var exception = await Assert.ThrowsAsync<RpcException>(
            async () => await _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = id }, deadline: deadline));

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
        Assert.Equal(TaskState.Queued, (await Await(id, TimeSpan.Zero)).State);
    }

    [Fact]
    public async Task WatchTask_shows_every_state_up_to_the_last_and_ends()
    {
        using var worker = await TestWorker.ConnectAsync(_host, credits: 0);
        var id = await SubmitAsync();
        using var watch = _host.Tasks.WatchTask(new WatchTaskRequest { TaskId = id });
        Assert.Equal(TaskState.Queued, await NextStateAsync(watch));
        await worker.SendAsync(new WorkRequest { Credits = 1 });
        var assignment = await worker.TakeAsync();
        Assert.Equal(TaskState.Running, await NextStateAsync(watch));
        await worker.SendAsync(new WorkRequest
        {
            Progress =
            {
                new AttemptProgress { TaskId = id, Attempt = 1, Progress = new Progress { Completed = 1, Total = 2 } },
            },
        });
        Assert.True(await watch.ResponseStream.MoveNext(default));
        Assert.Equal(1, watch.ResponseStream.Current.Task.Progress.Completed);
        await worker.SettleAsync(assignment);
        Assert.Equal(TaskState.Succeeded, await NextStateAsync(watch));
        Assert.False(await watch.ResponseStream.MoveNext(default));
    }

    [Fact]
    public async Task Long_calls_hear_that_the_daemon_stops()
    {
        var id = await SubmitAsync();
        using var watch = _host.Tasks.WatchTask(new WatchTaskRequest { TaskId = id });
        Assert.True(await watch.ResponseStream.MoveNext(default));
        var stopping = _host.StopAsync();

        await RpcAssert.FailsAsync(
            () => watch.ResponseStream.MoveNext(default), StatusCode.Unavailable, "DAEMON_DRAINING");
        await stopping;
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        var ids = new List<ulong>();
        for (var i = 0; i < 5; i++) ids.Add(await SubmitAsync());
        var seen = new List<ulong>();
        var request = new ListTasksRequest { PageSize = 2 };
        do
        {
            var page = await _host.Tasks.ListTasksAsync(request);
            seen.AddRange(page.Tasks.Select(task => task.TaskId));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        ids.Reverse();
        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task The_status_has_the_limits_and_the_counts()
    {
        await SubmitAsync();
        var status = await _host.Daemon.GetStatusAsync(new GetStatusRequest());

        Assert.Equal((1UL, 1U), (status.OpenTaskCount, status.QueueCount));
        Assert.Equal((ulong)BrokerHost.SmallLimits.PayloadBytesMax, status.Limits["payload_bytes_max"]);
        Assert.Equal((uint)Environment.ProcessId, status.ProcessId);
        Assert.NotNull(status.StartedAt);
    }

    [Fact]
    public async Task Logs_are_read_and_followed_to_the_end_of_the_task()
    {
        using var worker = await TestWorker.ConnectAsync(_host);
        var id = await SubmitAsync();
        var assignment = await worker.TakeAsync();
        await worker.SendAsync(Line(assignment, "one"));
        using var logs = _host.Tasks.ReadTaskLogs(new ReadTaskLogsRequest { TaskId = id, Follow = true });
        Assert.True(await logs.ResponseStream.MoveNext(default));
        Assert.Equal("one\n", logs.ResponseStream.Current.Data.ToStringUtf8());
        Assert.Equal((1U, LogSource.Log), (logs.ResponseStream.Current.Attempt, logs.ResponseStream.Current.Source));

        var last = Line(assignment, "two");
        last.Settlements.Add(TestWorker.Succeeded(assignment));
        await worker.SendAsync(last);
        Assert.True(await logs.ResponseStream.MoveNext(default));
        Assert.Equal("two\n", logs.ResponseStream.Current.Data.ToStringUtf8());
        Assert.False(await logs.ResponseStream.MoveNext(default));
    }

    private static WorkRequest Line(TakenAssignment assignment, string line) => new()
    {
        Logs = { new AttemptLog { TaskId = assignment.TaskId, Attempt = assignment.Attempt, Line = line } },
    };

    private static TaskSpec Task(string payload = "") => new()
    {
        Handler = "h",
        Payload = new Payload { Data = ByteString.CopyFromUtf8(payload) },
    };

    private static async Task<TaskState> NextStateAsync(AsyncServerStreamingCall<WatchTaskResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(default));
        return watch.ResponseStream.Current.Task.State;
    }

    private async Task<ulong> SubmitAsync() =>
        (await _host.Tasks.SubmitTaskAsync(new SubmitTaskRequest { Task = Task() })).TaskId;

    private async Task<TaskInfo> Await(ulong id, TimeSpan? wait = null)
    {
        var limit = wait is { } span ? Duration.FromTimeSpan(span) : null;
        return (await _host.Tasks.AwaitTaskAsync(new AwaitTaskRequest { TaskId = id, Wait = limit })).Task;
    }
}
