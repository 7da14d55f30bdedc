using Grpc.Core;
using Queued.Client;
using Queued.FaultyWorker;
using Queued.Protocol.V1;
using FailureKind = Queued.Client.FailureKind;
using TaskState = Queued.Client.TaskState;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>What a worker says is believed only of its own running attempts, and only if it is who it says.</summary>
public sealed class RefusedWorkerTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private FaultDaemon Daemon => shared.Daemon;

    [Fact]
    public async Task A_result_for_another_attempt_is_stale_and_changes_nothing()
    {
        await Daemon.Client.Queues.DeclareAsync("stale");
        using var worker = new RawWorker(Daemon.Socket);
        await worker.SendAsync(new WorkRequest { Hello = Hello("stale"), Credits = 1 });
        var task = await Daemon.Client.SubmitAsync("any", 1, new SubmitOptions { Queue = "stale" });
        var assignment = await NextAsync(worker, response => response.Assignments);
        Assert.Equal([1u], assignment.Attempts);

        await worker.SendAsync(new WorkRequest { Settlements = { Done(assignment.TaskIds[0], 7) } });
        await IsStaleAsync(worker, task.Id, 7);
        Assert.Equal(TaskState.Running, (await task.GetInfoAsync()).State);

        await worker.SendAsync(new WorkRequest { Settlements = { Done(assignment.TaskIds[0], 1) } });
        Assert.True((await task.WaitAsync()).IsSuccess);

        await worker.SendAsync(new WorkRequest { Settlements = { Done(assignment.TaskIds[0], 1) } });
        await IsStaleAsync(worker, task.Id, 1);
    }

    [Fact]
    public async Task A_worker_of_another_protocol_version_is_refused()
    {
        var error = await RefusedAsync(hello => hello.ProtocolVersion = 99);

        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.Contains("version 99", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_with_a_wrong_token_is_refused()
    {
        await using var pool = await Daemon.AddPoolAsync(1);
        var other = Assert.Single(await pool.WorkersAsync());

        var error = await RefusedAsync(hello => (hello.WorkerId, hello.WorkerToken) = (other.Id, new string('0', 64)));

        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
        Assert.Contains(other.Id, error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(9, await (await pool.SubmitAsync<int, int>("square", 3)).GetResultAsync());
    }

    [Fact]
    public async Task A_task_of_a_worker_that_is_gone_goes_to_the_next()
    {
        await Daemon.Client.Queues.DeclareAsync("lost");
        var task = await Daemon.Client.SubmitAsync("any", 1, new SubmitOptions { Queue = "lost" });
        using (var first = new RawWorker(Daemon.Socket))
        {
            await first.SendAsync(new WorkRequest { Hello = Hello("lost"), Credits = 1 });
            Assert.Equal(1u, (await NextAsync(first, response => response.Assignments)).Attempts[0]);
        }

        using var second = new RawWorker(Daemon.Socket);
        await second.SendAsync(new WorkRequest { Hello = Hello("lost"), Credits = 1 });
        var assignment = await NextAsync(second, response => response.Assignments);
        Assert.Equal(2u, assignment.Attempts[0]);
        await second.SendAsync(new WorkRequest { Settlements = { Done(assignment.TaskIds[0], 2) } });

        Assert.True((await task.WaitAsync()).IsSuccess);
        Assert.Equal(FailureKind.Lost, (await task.GetInfoAsync()).Attempts[0].Failure!.Kind);
    }

    private static Hello Hello(string queue) => new() { ProtocolVersion = 1, Queues = { queue }, Slots = 1 };

    private static Settlement Done(ulong task, uint attempt) =>
        new() { TaskId = task, Attempt = attempt, Succeeded = new Payload() };

    private static async Task IsStaleAsync(RawWorker worker, TaskId task, uint attempt)
    {
        var error = await NextAsync(worker, response => response.Errors);
        Assert.Equal((task.Value, attempt), (error.TaskId, error.Attempt));
        Assert.Equal("ATTEMPT_STALE", error.Error.GetDetail<Google.Rpc.ErrorInfo>()!.Reason);
    }

    private static async Task<T> NextAsync<T>(RawWorker worker, Func<WorkResponse, IEnumerable<T>> read)
    {
        while (true)
        {
            foreach (var item in read(await worker.ReadAsync()))
            {
                return item;
            }
        }
    }

    private async Task<RpcException> RefusedAsync(Action<Hello> change)
    {
        using var worker = new RawWorker(Daemon.Socket);
        var hello = Hello("default");
        change(hello);
        await worker.SendAsync(new WorkRequest { Hello = hello });
        return await Assert.ThrowsAsync<RpcException>(worker.ReadAsync);
    }
}
