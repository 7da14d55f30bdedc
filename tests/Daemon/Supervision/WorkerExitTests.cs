using Queued.Broker;
using Queued.Daemon.Supervision;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Tests.Supervision;

public sealed class WorkerExitTests : IAsyncLifetime
{
    private readonly SupervisorRig _rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _rig.DisposeAsync();
        Assert.Empty(_rig.Log.Lines);
    }

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 7", 7, null)]
    [InlineData("exit 126", 126, null)]
    [InlineData("no-such-command", 127, null)]
    [InlineData("kill -SEGV $$", null, 11)]
    [InlineData("kill -ABRT $$", null, 6)]
    [InlineData("kill -KILL $$", null, 9)]
    public async Task The_kernels_word_on_how_it_ended_is_told(string script, int? exitCode, int? signal)
    {
        var worker = _rig.StartShell(script);

        var exit = (await _rig.Events.EndedAsync(worker)).Exit!;

        Assert.Equal((exitCode, signal), (exit.ExitCode, exit.Signal));
        Assert.False(exit.OutOfMemory);
        Assert.True(exit.CpuTime > TimeSpan.Zero);
        Assert.Equal("spawned", _rig.Events.StoryOf(worker)[0]);
    }

    [Theory]
    [InlineData("no-such-program", "program 'no-such-program' was not found in PATH")]
    [InlineData("/no/such/program", "program '/no/such/program' does not exist")]
    [InlineData("/etc/passwd", "program '/etc/passwd' cannot be executed")]
    [InlineData("/etc", "'/etc' is a directory")]
    [InlineData("", "no program was given")]
    public async Task A_command_that_cannot_run_is_a_failure_to_start(string program, string message)
    {
        var worker = _rig.Start(program, "argument");

        var end = await _rig.Events.EndedAsync(worker);

        Assert.StartsWith(message, end.SpawnFailure);
        Assert.Equal(["failed"], _rig.Events.StoryOf(worker));
    }

    [Fact]
    public async Task A_script_without_its_interpreter_is_a_failure_to_start()
    {
        await File.WriteAllTextAsync(_rig.PathOf("script"), "#!/no/such/interpreter\n");
        File.SetUnixFileMode(_rig.PathOf("script"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var end = await _rig.Events.EndedAsync(_rig.Start(_rig.PathOf("script")));

        Assert.Contains(_rig.PathOf("script"), end.SpawnFailure);
    }

    [Fact]
    public async Task A_missing_working_directory_is_a_failure_to_start()
    {
        var worker = _rig.Start(
            new PoolSettings { Name = "pool", Command = ["true"], WorkingDirectory = "/no/such/directory" });

        Assert.Equal("working directory '/no/such/directory' does not exist",
            (await _rig.Events.EndedAsync(worker)).SpawnFailure);
    }

    [Fact]
    public async Task An_argument_that_the_kernel_does_not_take_is_a_failure_to_start()
    {
        var end = await _rig.Events.EndedAsync(_rig.Start("true", new string('x', 8 * 1024 * 1024)));

        Assert.Contains("Argument list too long", end.SpawnFailure);
    }

    [Fact]
    public async Task A_program_in_the_pools_own_path_is_found()
    {
        await File.WriteAllTextAsync(_rig.PathOf("own"), "#!/bin/sh\nexit 5\n");
        File.SetUnixFileMode(_rig.PathOf("own"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var worker = _rig.Start(new PoolSettings
        {
            Name = "pool",
            Command = ["own"],
            Environment = new Dictionary<string, string> { ["PATH"] = $"/nowhere:{_rig.Directory}" },
        });

        Assert.Equal(5, (await _rig.Events.EndedAsync(worker)).Exit!.ExitCode);
    }

    [Fact]
    public async Task Peak_memory_above_our_own_is_the_workers()
    {
        // Of this process, which other tests have made larger: what is not above it is not known to be the worker's.
        var bytes = ChildProcess.OwnPeakResidentBytes() + (300L * 1024 * 1024);

        var worker = _rig.Start("dd", "if=/dev/zero", "of=/dev/null", $"bs={bytes}", "count=1");
        var end = await _rig.Events.EndedAsync(worker);

        Assert.True(end.Exit!.PeakResidentBytes > bytes, $"{end.Exit.PeakResidentBytes}, not above {bytes}");
    }

    [Fact]
    public async Task Memory_is_sampled_while_it_runs()
    {
        var worker = _rig.Start(
            new PoolSettings { Name = "pool", Command = ["sleep", "1000"], MemoryHardBytes = 1 << 30 });

        Assert.True(await _rig.Events.SampledAsync(worker) > 100 * 1024);
        _rig.Supervisor.Kill(worker);
        Assert.True((await _rig.Events.EndedAsync(worker)).Exit!.PeakResidentBytes > 100 * 1024);
    }

    [Fact]
    public async Task Terminate_is_polite_and_kill_is_not()
    {
        var worker = _rig.StartShell("trap 'echo caught' TERM; echo ready; while :; do sleep 0.01; done");
        await _rig.WroteAsync(worker, "ready");

        _rig.Supervisor.Terminate(worker);
        await _rig.WroteAsync(worker, "caught");
        _rig.Supervisor.Kill(worker);

        Assert.Equal(9, (await _rig.Events.EndedAsync(worker)).Exit!.Signal);
    }

    [Fact]
    public async Task A_signal_that_comes_before_the_process_is_not_lost()
    {
        var worker = _rig.Start("sleep", "1000");
        _rig.Supervisor.Terminate(worker);

        Assert.Equal(15, (await _rig.Events.EndedAsync(worker)).Exit!.Signal);
    }

    [Fact]
    public async Task Signals_are_as_by_default_and_nothing_but_three_descriptors_is_inherited()
    {
        var worker = _rig.StartShell("grep -E 'SigBlk|SigIgn' /proc/self/status; echo ready; exec sleep 1000");
        await _rig.WroteAsync(worker, "ready");

        Assert.Equal(["0", "1", "2"], Processes.Descriptors(_rig.Events.ProcessIdOf(worker)));

        // 32 and 33 are the C library's own.
        var masks = _rig.Events.OutputOf(worker, OutputSource.Stdout).Split('\n')[..2];
        Assert.All(masks, mask => Assert.Equal(0, Convert.ToInt64(mask[^16..], 16) & 0x7fff_ffff));
    }

    [Fact]
    public async Task The_kernel_is_asked_to_kill_it_with_the_daemon()
    {
        const string Script =
            "import ctypes; signal = ctypes.c_int();" +
            "ctypes.CDLL(None).prctl(2, ctypes.byref(signal)); print(signal.value)";

        var end = await _rig.Events.EndedAsync(_rig.Start("/usr/bin/python3", "-c", Script));

        Assert.Equal("9\n", end.Exit!.OutputTail);
    }

    [Fact]
    public async Task A_worker_is_told_who_it_is()
    {
        const string Script =
            "echo $QUEUED_SOCKET $QUEUED_WORKER_ID $QUEUED_INSTANCE $QUEUED_POOL $OWN;" +
            "echo $QUEUED_WORKER_TOKEN; pwd; sleep 1000";
        var worker = _rig.Start(new PoolSettings
        {
            Name = "images",
            Command = ["sh", "-c", Script],
            Environment = new Dictionary<string, string> { ["OWN"] = "mine", ["QUEUED_POOL"] = "not this" },
        });
        string[] Lines() => _rig.Events.OutputOf(worker, OutputSource.Stdout).Split('\n');
        await Eventually.IsTrueAsync(() => Lines().Length == 4, "it wrote three lines");

        Assert.Equal($"{_rig.PathOf("queued.sock")} w1 {_rig.InstanceId} images mine", Lines()[0]);
        Assert.Equal(_rig.Directory, Lines()[2]);
        Assert.True(_rig.Supervisor.IsTokenValid(worker, Lines()[1]));
        Assert.False(_rig.Supervisor.IsTokenValid(worker, Lines()[1][1..] + "0"));
        Assert.False(_rig.Supervisor.IsTokenValid(worker, ""));
        Assert.False(_rig.Supervisor.IsTokenValid(new WorkerId(99), Lines()[1]));

        _rig.Supervisor.Kill(worker);
        await _rig.Events.EndedAsync(worker);
        Assert.False(_rig.Supervisor.IsTokenValid(worker, Lines()[1]));
    }
}
