using System.Runtime.InteropServices;
using Google.Rpc;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Hosting;
using Queued.Daemon.Storage;
using Queued.Daemon.Tests.Hosting;
using Queued.Protocol.V1;
using Xunit.Abstractions;

namespace Queued.Daemon.Tests.Storage;

public sealed partial class SmallDiskTests(ITestOutputHelper output) : IDisposable
{
    private const ulong DiskBytes = 8 * 1024 * 1024;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-disk-");
    private bool _isMounted;

    public void Dispose()
    {
        if (_isMounted) Assert.Equal(0, Unmount(_directory.FullName, 2));
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_disk_that_is_full_again_and_again_loses_nothing_and_needs_no_restart()
    {
        if (!TryMount()) return;
        using var log = new LogLines();
        var options = new StoreOptions
        {
            Directory = _directory.FullName,
            FreeBytesMin = 0,
            FreePercentMin = 0,
            CheckpointBytes = 128 * 1024,
        };
        var random = new Random(7);
        var store = Open(options, log);
        Assert.Empty(store.Load().Tasks);
        var ballast = Path.Combine(_directory.FullName, "ballast");
        var written = new SortedSet<ulong>();
        ulong next = 1;
        for (var fill = 0; fill < 12; fill++)
        {
            for (var count = random.Next(1, 25); count > 0; count--) await AppendAsync();

            // Somebody else fills the disk, and makes room when a group could not be written.
            Fill(ballast);
            Task append;
            do
            {
                append = AppendAsync();
                await Eventually.IsTrueAsync(
                    () => append.IsCompleted || store.Problems.Any(IsHeld), "written, or full");
            }
            while (append.IsCompleted);

            File.Delete(ballast);
            await append.WaitAsync(Eventually.Deadline);
            await store.AppendAsync([.. written.Select(id => new Change.TaskRemoved(new TaskId(id)))], true);
            written.Clear();
        }

        await AppendAsync();
        Assert.DoesNotContain(log.Lines, line => line.Contains("works again", StringComparison.Ordinal));
        await store.DisposeAsync();
        await using var again = Open(options, log);
        Assert.Equal(written, again.Load().Tasks.Select(task => task.Id.Value).ToList());

        Task AppendAsync()
        {
            written.Add(next);
            return store.AppendAsync([StoreRig.Added(next++, new string('x', random.Next(20_000)))], true).AsTask();
        }
    }

    [Fact]
    public async Task A_daemon_on_a_full_disk_refuses_submits_and_takes_them_again_when_there_is_room()
    {
        if (!TryMount()) return;
        using var places = new TestDirectory();
        var ballast = Path.Combine(_directory.FullName, "ballast");
        await using var daemon = DaemonProcess.Run(
            [], "serve", "--socket", places.Socket, "--data", _directory.FullName,
            "--set", "queues.kept.tasks_max=1000", "--set", "storage.free_bytes_min=1MiB",
            "--set", "storage.free_percent_min=0");
        await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(places.Socket);
        var tasks = new TaskService.TaskServiceClient(channel);
        var request = new SubmitTaskRequest { Task = new TaskSpec { Handler = "h", Queue = "kept" } };
        var first = await tasks.SubmitTaskAsync(request);

        // Less is left than the watermark wants, and more than a task needs.
        Fill(ballast);
        using (var file = File.OpenWrite(ballast)) file.SetLength(file.Length - (512 * 1024));
        await tasks.SubmitTaskAsync(request);
        await daemon.SeesErrorAsync("Takes no new tasks for durable queues");
        // The line is a moment ahead of the broker.
        await Eventually.IsAsync(() => IsRefusedAsync(tasks, request), "a submit is refused");

        File.Delete(ballast);
        await daemon.SeesErrorAsync("Takes tasks for durable queues again");
        await Eventually.IsAsync(async () => !await IsRefusedAsync(tasks, request), "a submit is taken");
        Assert.Equal(
            first.TaskId, (await tasks.GetTaskAsync(new GetTaskRequest { TaskId = first.TaskId })).Task.TaskId);
    }

    [Fact]
    public async Task A_daemon_with_nothing_left_on_its_disk_says_so_refuses_submits_and_goes_on_when_there_is_room()
    {
        if (!TryMount()) return;
        using var places = new TestDirectory();
        await using var daemon = Serve(places);
        await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(places.Socket);
        var tasks = new TaskService.TaskServiceClient(channel);
        var first = (await tasks.SubmitTaskAsync(Large())).TaskId;
        var held = await HoldAsync(channel);

        // More turns than the loop may have unconfirmed, each with an answer that has to wait, on a connection of their
        // own: one has a hundred calls at most.
        using var other = DaemonProcess.Connect(places.Socket);
        var readers = new TaskService.TaskServiceClient(other);
        var waiting = Enumerable.Range(0, 90)
            .Select(_ => readers.ListTasksAsync(new ListTasksRequest()).ResponseAsync).ToList();
        // What is stored and has not changed can be told.
        Assert.Equal(first, (await readers.GetTaskAsync(
            new GetTaskRequest { TaskId = first }, deadline: DateTime.UtcNow.Add(Eventually.Deadline))).Task.TaskId);
        // The broker learns it a moment later; what it took until then is held as well.
        var more = new List<Task<SubmitTaskResponse>>();
        await Eventually.IsTrueAsync(
            () =>
            {
                more.Add(tasks.SubmitTaskAsync(Large()).ResponseAsync);
                return more.Exists(submit => submit.IsFaulted);
            },
            "a submit is refused");
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await Assert.ThrowsAsync<RpcException>(() => more.Find(submit => submit.IsFaulted)!)).StatusCode);
        var status = await new DaemonService.DaemonServiceClient(channel).GetStatusAsync(
            new GetStatusRequest(), deadline: DateTime.UtcNow.Add(Eventually.Deadline));
        Assert.Contains(status.Problems, IsFull);
        Assert.DoesNotContain(waiting, call => call.IsCompleted);
        Assert.False(held.IsCompleted);

        File.Delete(Ballast);
        var last = (await held.WaitAsync(Eventually.Deadline)).TaskId;
        foreach (var read in await Task.WhenAll(waiting).WaitAsync(Eventually.Deadline))
            Assert.Contains(first, read.Tasks.Select(task => task.TaskId));
        await Eventually.IsAsync(async () => !await IsRefusedAsync(tasks, Large()), "a submit is taken");
        Assert.Equal(last, (await tasks.GetTaskAsync(new GetTaskRequest { TaskId = last })).Task.TaskId);
        daemon.Signal(DaemonProcess.Terminate);
        Assert.Equal(0, await daemon.ExitAsync());
    }

    [Fact]
    public async Task Lists_of_tasks_are_refused_on_a_full_disk_as_single_ones_are_also_behind_one_that_is_held()
    {
        if (!TryMount()) return;
        using var places = new TestDirectory();
        await using var daemon = Serve(places);
        await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(places.Socket);
        var tasks = new TaskService.TaskServiceClient(channel);
        Fill(Ballast);
        using var stream = tasks.Connect();
        var answers = new StreamAnswers(stream.ResponseStream);
        // A list at a time, until one finds no room; nobody has refused that one. Those behind it may be held as well.
        var (sent, held) = (0UL, 0UL);
        while (answers.RefusedTags.IsEmpty)
        {
            await stream.RequestStream.WriteAsync(new ConnectRequest { Submissions = { List(++sent) } });
            await Eventually.IsAsync(
                async () => answers.AcceptedTags.Contains(sent) || answers.RefusedTags.ContainsKey(sent) ||
                    (await StatusAsync(channel)).Problems.Any(IsHeld),
                "answered, or held");
            if (held == 0 && !answers.AcceptedTags.Contains(sent)) held = sent;
        }

        var refused = answers.RefusedTags.First();
        Assert.Equal((int)StatusCode.ResourceExhausted, refused.Value.Code);
        Assert.Equal("STORE_FULL", refused.Value.GetDetail<ErrorInfo>()!.Reason);
        Assert.DoesNotContain(held, answers.AcceptedTags);
        Assert.True(await IsRefusedAsync(tasks, Large()));
        var list = new SubmitTasksRequest { Tasks = { Large().Task, Large().Task } };
        var results = (await tasks.SubmitTasksAsync(list, deadline: DateTime.UtcNow.Add(Eventually.Deadline))).Results;
        Assert.All(results, result => Assert.Equal((int)StatusCode.ResourceExhausted, result.Error.Code));

        File.Delete(Ballast);
        await Eventually.IsTrueAsync(() => answers.AcceptedTags.Contains(held), "what was held is stored");
    }

    [Fact]
    public async Task A_daemon_with_nothing_left_on_its_disk_stops_when_it_is_told_to()
    {
        if (!TryMount()) return;
        using var places = new TestDirectory();
        ulong first;
        await using (var daemon = Serve(places))
        {
            await daemon.ReadyAsync();
            using var channel = DaemonProcess.Connect(places.Socket);
            var tasks = new TaskService.TaskServiceClient(channel);
            first = (await tasks.SubmitTaskAsync(Large())).TaskId;
            var held = await HoldAsync(channel);

            daemon.Signal(DaemonProcess.Terminate);

            // What was held is not stored, and nobody was told that it is.
            Assert.Equal(ExitCode.InputOutput, await daemon.ExitAsync());
            await Assert.ThrowsAsync<RpcException>(() => held);
        }

        File.Delete(Ballast);
        await using var again = Serve(places);
        await again.ReadyAsync();
        using var reconnected = DaemonProcess.Connect(places.Socket);
        var read = await new TaskService.TaskServiceClient(reconnected).GetTaskAsync(
            new GetTaskRequest { TaskId = first });
        Assert.Equal(first, read.Task.TaskId);
    }

    private string Ballast => Path.Combine(_directory.FullName, "ballast");

    private DaemonProcess Serve(TestDirectory places) => DaemonProcess.Run(
        [], "serve", "--socket", places.Socket, "--data", _directory.FullName,
        "--set", "queues.kept.tasks_max=100000", "--set", "storage.free_bytes_min=0",
        "--set", "storage.free_percent_min=0");

    private static SubmitTaskRequest Large() => new()
    {
        Task = new TaskSpec
        {
            Handler = "h",
            Queue = "kept",
            Payload = new Payload { Data = Google.Protobuf.ByteString.CopyFrom(new byte[20_000]) },
        },
    };

    /// <summary>A list whose tasks have one tag.</summary>
    private static SubmissionBatch List(ulong tag) => new()
    {
        Task = Large().Task,
        WithoutOutcome = true,
        Tags = { tag, tag, tag },
    };

    private static async Task<GetStatusResponse> StatusAsync(Grpc.Net.Client.GrpcChannel channel) =>
        await new DaemonService.DaemonServiceClient(channel).GetStatusAsync(
            new GetStatusRequest(), deadline: DateTime.UtcNow.Add(Eventually.Deadline));

    /// <summary>Fills the disk, and submits until a task finds no room; nobody has refused that one.</summary>
    private async Task<Task<SubmitTaskResponse>> HoldAsync(Grpc.Net.Client.GrpcChannel channel)
    {
        Fill(Ballast);
        var (tasks, daemon) = (
            new TaskService.TaskServiceClient(channel), new DaemonService.DaemonServiceClient(channel));
        while (true)
        {
            var submit = tasks.SubmitTaskAsync(Large()).ResponseAsync;
            await Eventually.IsAsync(
                async () => submit.IsCompleted ||
                    (await daemon.GetStatusAsync(new GetStatusRequest())).Problems.Any(IsHeld),
                "stored, or held");
            if (!submit.IsCompleted) return submit;
            await submit;
        }
    }

    private static async Task<bool> IsRefusedAsync(TaskService.TaskServiceClient tasks, SubmitTaskRequest request)
    {
        try
        {
            await tasks.SubmitTaskAsync(request, deadline: DateTime.UtcNow.Add(Eventually.Deadline));
            return false;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
        {
            Assert.Contains("room", e.Status.Detail, StringComparison.Ordinal);
            return true;
        }
    }

    [Fact]
    public async Task A_disk_that_fills_up_stops_acknowledgements_and_recovers_when_there_is_room()
    {
        if (!TryMount()) return;
        using var log = new LogLines();
        var options = new StoreOptions
        {
            Directory = _directory.FullName,
            FreeBytesMin = (long)DiskBytes / 4,
            FreePercentMin = 0,
            CheckpointBytes = 256 * 1024,
        };
        var store = Open(options, log);
        Assert.Empty(store.Load().Tasks);
        var shortage = new TaskCompletionSource();
        store.SpaceChanged += isShort => (isShort ? shortage : new TaskCompletionSource()).TrySetResult();

        // Somebody else fills the disk.
        var ballast = Path.Combine(_directory.FullName, "ballast");
        Fill(ballast);
        var acknowledged = new List<ulong>();
        ulong next = 1;
        Task blocked;
        while (true)
        {
            var append = store.AppendAsync([StoreRig.Added(next, new string('x', 20_000))], true).AsTask();
            await Eventually.IsTrueAsync(() => append.IsCompleted || store.Problems.Any(IsFull), "written, or full");
            if (!append.IsCompleted)
            {
                blocked = append;
                break;
            }

            await append;
            acknowledged.Add(next++);
        }

        await shortage.Task.WaitAsync(Eventually.Deadline);
        File.Delete(ballast);
        await blocked.WaitAsync(Eventually.Deadline);
        acknowledged.Add(next);
        await Eventually.IsTrueAsync(() => store.Problems.Count == 0, "there is room");
        await store.DisposeAsync();

        await using var again = Open(options, log);
        Assert.Equal(acknowledged, again.Load().Tasks.Select(task => task.Id.Value).ToList());
    }

    private static SqliteStore Open(StoreOptions options, LogLines log) =>
        SqliteStore.Open(options, TimeProvider.System, new Microsoft.Extensions.Logging.Logger<SqliteStore>(log));

    private static bool IsFull(string problem) => problem.Contains("full", StringComparison.Ordinal);

    /// <summary>It was not only the checkpoint, without which a store can go on for a while.</summary>
    private static bool IsHeld(string problem) =>
        IsFull(problem) && !problem.Contains("checkpoint", StringComparison.Ordinal);

    private static void Fill(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            while (true) file.Write(block);
        }
        catch (IOException e)
        {
            Assert.Contains("space", e.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    private bool TryMount()
    {
        _isMounted = Mount("tmpfs", _directory.FullName, "tmpfs", 0, $"size={DiskBytes},mode=0700") == 0;
        if (!_isMounted)
        {
            output.WriteLine(
                $"left out: a tmpfs cannot be mounted here ({Marshal.GetLastPInvokeErrorMessage()}); GroupTests has " +
                "a full disk of its own");
        }

        return _isMounted;
    }

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Mount(string source, string target, string type, ulong flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Unmount(string target, int flags);
}
