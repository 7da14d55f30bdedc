using System.Collections.Concurrent;
using Grpc.Core;
using Queued.Daemon.Hosting;
using Queued.Daemon.Storage;
using Queued.Daemon.Tests.Hosting;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Storage;

public sealed class KilledDaemonTests : IDisposable
{
    private const int Kill = 9;

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_a_daemon_acknowledged_before_it_was_killed_is_there_after_it()
    {
        var acknowledged = new ConcurrentDictionary<ulong, string>();
        await using (var daemon = Start())
        {
            await daemon.ReadyAsync();
            var submitters = Enumerable.Range(0, 8).Select(_ => SubmitAsync(acknowledged)).ToList();
            await Eventually.IsTrueAsync(() => acknowledged.Count >= 300, "300 tasks are acknowledged");
            daemon.Signal(Kill);
            await daemon.ExitAsync();
            await Task.WhenAll(submitters);
        }

        await using var restarted = Start();
        await restarted.ReadyAsync();
        Assert.Contains("did not end in order", restarted.Errors, StringComparison.Ordinal);
        using var channel = DaemonProcess.Connect(_directory.Socket);
        var tasks = new TaskService.TaskServiceClient(channel);
        foreach (var (id, payload) in acknowledged)
        {
            var found = await tasks.GetTaskAsync(new GetTaskRequest { TaskId = id, IncludePayload = true });
            Assert.Equal(TaskState.Queued, found.Task.State);
            Assert.Equal(payload, found.Task.Payload.Data.ToStringUtf8());
        }
    }

    [Fact]
    public async Task An_orderly_end_leaves_a_sound_store_that_the_verbs_accept_and_a_backup_restores()
    {
        var backup = _directory.In("backup.db");
        ulong id;
        await using (var daemon = Start())
        {
            await daemon.ReadyAsync();
            using var channel = DaemonProcess.Connect(_directory.Socket);
            id = await SubmitOneAsync(channel, "kept");
            await new DaemonService.DaemonServiceClient(channel).BackupAsync(new BackupRequest { Path = backup });
            daemon.Signal(DaemonProcess.Terminate);
            Assert.Equal(0, await daemon.ExitAsync());
        }

        Assert.False(File.Exists(Path.Combine(_directory.Data, StoreOptions.DatabaseName + "-wal")));
        await RunAsync(0, "check", "--data", _directory.Data);
        await RunAsync(0, "check", backup);
        await RunAsync(0, "repair", "--data", _directory.Data);

        File.Delete(Path.Combine(_directory.Data, StoreOptions.DatabaseName));
        await using (var refused = Start())
        {
            Assert.Equal(ExitCode.Damaged, await refused.ExitAsync());
            Assert.Contains("queued restore FILE", refused.Errors, StringComparison.Ordinal);
        }

        await RunAsync(ExitCode.Damaged, "repair", "--data", _directory.Data);
        await RunAsync(0, "restore", backup, "--data", _directory.Data);
        await using var restored = Start();
        await restored.ReadyAsync();
        using var again = DaemonProcess.Connect(_directory.Socket);
        var task = await new TaskService.TaskServiceClient(again).GetTaskAsync(new GetTaskRequest { TaskId = id });
        Assert.Equal(TaskState.Queued, task.Task.State);
    }

    [Fact]
    public async Task The_verbs_refuse_a_store_that_a_daemon_uses()
    {
        await using var daemon = Start();
        await daemon.ReadyAsync();

        await RunAsync(ExitCode.InUse, "check", "--data", _directory.Data);
        await RunAsync(ExitCode.InUse, "repair", "--data", _directory.Data);
    }

    private static async Task RunAsync(int exitCode, params string[] arguments)
    {
        await using var run = DaemonProcess.Run([], arguments);
        Assert.True(exitCode == await run.ExitAsync(), $"{string.Join(' ', arguments)}: {run.Errors}");
    }

    private static async Task<ulong> SubmitOneAsync(ChannelBase channel, string payload)
    {
        var reply = await new TaskService.TaskServiceClient(channel).SubmitTaskAsync(new SubmitTaskRequest
        {
            Task = new TaskSpec
            {
                Handler = "h",
                Queue = "kept",
                Payload = new Payload { Data = Google.Protobuf.ByteString.CopyFromUtf8(payload) },
            },
        });
        return reply.TaskId;
    }

    private DaemonProcess Start() => DaemonProcess.Start(_directory, "--set", "queues.kept.tasks_max=1000000");

    private async Task SubmitAsync(ConcurrentDictionary<ulong, string> acknowledged)
    {
        using var channel = DaemonProcess.Connect(_directory.Socket);
        try
        {
            while (true)
            {
                var payload = new string((char)('a' + (acknowledged.Count % 26)), acknowledged.Count % 2000);
                acknowledged[await SubmitOneAsync(channel, payload)] = payload;
            }
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
        {
            // It was killed.
        }
    }
}
