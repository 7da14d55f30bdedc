using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Hosting;

public sealed class ShutdownTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_running_attempt_finishes_before_the_daemon_ends()
    {
        await using var daemon = DaemonProcess.Start(_directory);
        await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(_directory.Socket);
        var gate = _directory.In("gate");
        var task = await RunAsync(
            channel, $"echo started > {_directory.In("started")}; while [ ! -e {gate} ]; do sleep 0.02; done");
        await ExistsAsync(_directory.In("started"));

        daemon.Signal(DaemonProcess.Terminate);
        await daemon.SeesErrorAsync("Takes no new tasks");

        var health = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest());
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, health.Status);
        var refused = await Assert.ThrowsAsync<RpcException>(() => RunAsync(channel, "true"));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        var waiting = new TaskService.TaskServiceClient(channel).AwaitTaskAsync(new AwaitTaskRequest { TaskId = task });
        File.WriteAllText(gate, "");
        Assert.Equal(Protocol.V1.TaskState.Succeeded, (await waiting).Task.State);
        Assert.Equal(0, await daemon.ExitAsync());
        Assert.Contains("Every worker has left", daemon.Errors);
    }

    [Fact]
    public async Task After_the_drain_timeout_what_runs_is_killed()
    {
        await using var daemon = DaemonProcess.Start(_directory, "--set", "daemon.drain_timeout=100ms");
        await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(_directory.Socket);
        await RunAsync(channel, $"trap '' TERM; echo $$ > {_directory.In("started")}; while :; do sleep 0.02; done");
        await ExistsAsync(_directory.In("started"));

        daemon.Signal(DaemonProcess.Terminate);

        Assert.Equal(0, await daemon.ExitAsync());
        Assert.Contains("the drain timeout is over", daemon.Errors);
        Assert.False(Directory.Exists($"/proc/{File.ReadAllText(_directory.In("started")).Trim()}"));
    }

    [Fact]
    public async Task A_second_signal_kills_what_runs_at_once()
    {
        await using var daemon = DaemonProcess.Start(_directory, "--set", "daemon.drain_timeout=1h");
        await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(_directory.Socket);
        await RunAsync(channel, $"trap '' TERM; echo $$ > {_directory.In("started")}; while :; do sleep 0.02; done");
        await ExistsAsync(_directory.In("started"));

        daemon.Signal(DaemonProcess.Interrupt);
        await daemon.SeesErrorAsync("Takes no new tasks");
        daemon.Signal(DaemonProcess.Interrupt);

        Assert.Equal(0, await daemon.ExitAsync());
        Assert.Contains("a second SIGINT", daemon.Errors);
        Assert.False(Directory.Exists($"/proc/{File.ReadAllText(_directory.In("started")).Trim()}"));
    }

    [Fact]
    public async Task A_hang_up_is_ignored_and_said_so()
    {
        await using var daemon = DaemonProcess.Start(_directory);
        await daemon.ReadyAsync();

        daemon.Signal(DaemonProcess.HangUp);
        await daemon.SeesErrorAsync("SIGHUP is ignored");

        daemon.Signal(DaemonProcess.Terminate);
        Assert.Equal(0, await daemon.ExitAsync());
    }

    [Fact]
    public async Task A_private_daemon_ends_with_its_standard_input_and_leaves_nothing()
    {
        var environment = new Dictionary<string, string> { ["TMPDIR"] = _directory.Path };
        await using var daemon = DaemonProcess.Run(environment, "serve", "--private");
        var ready = await daemon.ReadyAsync();
        var socket = ready[(ready.IndexOf("unix:", StringComparison.Ordinal) + "unix:".Length)..];
        Assert.StartsWith(_directory.Path, socket);
        using var channel = DaemonProcess.Connect(socket);
        await RunAsync(channel, $"trap '' TERM; echo $$ > {_directory.In("started")}; while :; do sleep 0.02; done");
        await ExistsAsync(_directory.In("started"));

        daemon.CloseInput();

        Assert.Equal(0, await daemon.ExitAsync());
        Assert.False(Directory.Exists($"/proc/{File.ReadAllText(_directory.In("started")).Trim()}"));
        Assert.Equal([_directory.In("started")], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public async Task A_private_daemon_leaves_its_owners_interrupt_to_its_owner()
    {
        var environment = new Dictionary<string, string> { ["TMPDIR"] = _directory.Path };
        await using var daemon = DaemonProcess.Run(environment, "serve", "--private");
        var ready = await daemon.ReadyAsync();
        using var channel = DaemonProcess.Connect(ready[ready.IndexOf("unix:", StringComparison.Ordinal)..][5..]);

        daemon.Signal(DaemonProcess.Interrupt);
        daemon.Signal(DaemonProcess.Interrupt);
        await RunAsync(channel, $"echo ran > {_directory.In("ran")}");
        await ExistsAsync(_directory.In("ran"));

        daemon.CloseInput();
        Assert.Equal(0, await daemon.ExitAsync());
        Assert.Contains("Stops: the end of standard input", daemon.Errors);
    }

    private static async Task<ulong> RunAsync(GrpcChannel channel, string script)
    {
        var arguments = string.Join(", ", new[] { "sh", "-c", script }.Select(argument => $"\"{argument}\""));
        var response = await new TaskService.TaskServiceClient(channel).SubmitTaskAsync(new SubmitTaskRequest
        {
            Task = new TaskSpec
            {
                Handler = "exec",
                Payload = new Payload
                {
                    ContentType = "application/json",
                    Data = ByteString.CopyFromUtf8($$"""{"argv": [{{arguments}}]}"""),
                },
            },
        });
        return response.TaskId;
    }

    private static async Task ExistsAsync(string path)
    {
        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!) { EnableRaisingEvents = true };
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Changed += (_, _) => Look();
        Look();
        await found.Task.WaitAsync(TimeSpan.FromSeconds(60));

        // Created comes before the content, so the last change is waited for.
        void Look()
        {
            if (File.Exists(path) && new FileInfo(path).Length > 0)
            {
                found.TrySetResult();
            }
        }
    }
}
