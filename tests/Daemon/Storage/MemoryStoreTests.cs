using Grpc.Core;
using Queued.Daemon.Storage;
using Queued.Daemon.Tests.Hosting;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Storage;

/// <summary>A daemon that keeps nothing needs no disk for it.</summary>
public sealed class MemoryStoreTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_daemon_of_memory_queues_writes_no_database_and_refuses_what_would_need_one()
    {
        await using var daemon = DaemonProcess.Start(
            _directory, "--set", "daemon.store=memory", "--set", "queues.quick.tasks_max=10");
        await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(_directory.Socket);
        var submit = new SubmitTaskRequest { Task = new TaskSpec { Handler = "h", Queue = "quick" } };
        await new TaskService.TaskServiceClient(channel).SubmitTaskAsync(submit);

        var declare = new DeclareQueueRequest
        {
            Name = "kept",
            Policy = new QueuePolicy { Durability = Durability.Fsync },
        };
        await Assert.ThrowsAsync<RpcException>(
            async () => await new QueueService.QueueServiceClient(channel).DeclareQueueAsync(declare));
        var refusal = await Assert.ThrowsAsync<RpcException>(async () =>
            await new DaemonService.DaemonServiceClient(channel).BackupAsync(
                new BackupRequest { Path = _directory.In("backup.db") }));

        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
        Assert.Contains("daemon.store", refusal.Status.Detail, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory.Data, $"{StoreOptions.DatabaseName}*"));
    }
}
