using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Daemon.Tests.Edge;
using Queued.Daemon.Tests.Storage;

namespace Queued.Daemon.Tests.Loop;

/// <summary>A disk that stays full until no more may wait for room on it.</summary>
public sealed class StuckStoreTests : IAsyncLifetime
{
    private readonly StoreRig _rig = new(onFaultyDisk: true);
    private BrokerHost _host = null!;

    private BrokerLoop Loop => _host.Loop;

    public async Task InitializeAsync()
    {
        _rig.Options = _rig.Options with { WaitingBytesMax = 50_000 };
        _host = await BrokerHost.StartAsync(new BrokerLoopOptions { HasStore = true }, store: _rig.Open());
        await DeclareAsync("kept", Durability.Fsync);
        await DeclareAsync("light", Durability.Memory);
    }

    public async Task DisposeAsync()
    {
        _rig.Disk!.IsFull = false;
        await _host.DisposeAsync();
        _rig.Dispose();
    }

    [Fact]
    public async Task Wishes_are_refused_and_reads_and_memory_queues_answered_until_there_is_room()
    {
        var tasks = (await SubmitAsync("kept", 1000)).Results.Select(result => result.Id).ToArray();
        _rig.Disk!.IsFull = true;

        // Each cancel that is taken waits for room, until one is refused.
        var cancels = new List<Task<Response.OneTask>>();
        await Eventually.IsTrueAsync(
            () =>
            {
                if (cancels.Count < tasks.Length - 1) cancels.Add(CancelAsync(tasks[cancels.Count]));
                return cancels.Exists(cancel => cancel.IsFaulted);
            },
            "a cancel is refused");
        var refused = await Assert.ThrowsAsync<RejectedException>(() => cancels.Find(cancel => cancel.IsFaulted)!);
        Assert.Equal(RejectionReason.StoreFull, refused.Rejection.Reason);
        Assert.DoesNotContain(cancels, cancel => cancel.IsCompletedSuccessfully);

        var status = await AskAsync<Response.Status>(id => new Command.GetStatus(id, WithViews: false));
        Assert.InRange(status.Counts.OpenTasks, 1, tasks.Length - 1);
        var read = await AskAsync<Response.OneTask>(id => new Command.GetTask(id, tasks[^1], WithPayload: false));
        Assert.Equal(TaskState.Queued, read.Task.State);
        Assert.Null(Assert.Single((await SubmitAsync("light", 1)).Results).Rejection);

        _rig.Disk.IsFull = false;
        await Task.WhenAll(cancels.FindAll(cancel => !cancel.IsFaulted)).WaitAsync(Eventually.Deadline);
        await Eventually.IsAsync(
            async () =>
            {
                try
                {
                    await CancelAsync(tasks[^1]);
                    return true;
                }
                catch (RejectedException e) when (e.Rejection.Reason == RejectionReason.StoreFull)
                {
                    return false;
                }
            },
            "a cancel is taken");
    }

    private Task<Response.OneQueue> DeclareAsync(string queue, Durability durability) => AskAsync<Response.OneQueue>(
        id => new Command.DeclareQueue(id, queue, new QueueSettings { Durability = durability }));

    private Task<Response.OneTask> CancelAsync(TaskId task) =>
        Loop.AskAsync<Response.OneTask>(id => new Command.CancelTask(id, task, "", null), default);

    private async Task<Response.Submitted> SubmitAsync(string queue, int count) =>
        await AskAsync<Response.Submitted>(id => new Command.SubmitTasks(
            id, default, [.. Enumerable.Repeat(new TaskSubmission { Handler = "h", Queue = queue }, count)]));

    private async Task<TResponse> AskAsync<TResponse>(Func<RequestId, Command> command)
        where TResponse : Response =>
        await Loop.AskAsync<TResponse>(command, default).WaitAsync(Eventually.Deadline);
}
