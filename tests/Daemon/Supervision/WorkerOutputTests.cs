using Queued.Daemon.Supervision;

namespace Queued.Daemon.Tests.Supervision;

public sealed class WorkerOutputTests : IAsyncLifetime
{
    private readonly SupervisorRig _rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _rig.DisposeAsync();
        Assert.Empty(_rig.Log.Lines);
    }

    [Fact]
    public async Task All_that_was_written_is_told_before_the_exit()
    {
        var worker = _rig.StartShell("echo out; echo err >&2; exit 3");

        var exit = (await _rig.Events.EndedAsync(worker)).Exit!;

        Assert.Equal("out\n", _rig.Events.OutputOf(worker, OutputSource.Stdout));
        Assert.Equal("err\n", _rig.Events.OutputOf(worker, OutputSource.Stderr));
        Assert.Equal(["spawned", "output", "exited"], _rig.Events.StoryOf(worker));
        Assert.Contains("out\n", exit.OutputTail);
        Assert.Contains("err\n", exit.OutputTail);
    }

    [Fact]
    public async Task A_flood_on_both_streams_holds_up_neither_it_nor_others()
    {
        const int Bytes = 64 * 1024 * 1024;
        var flood = _rig.StartShell(
            $"head -c {Bytes} /dev/zero >&2 & head -c {Bytes} /dev/zero; wait; echo; echo the end");
        var endless = _rig.StartShell("yes 2>&1 & yes >&2");
        var sibling = _rig.StartShell("echo quiet");

        Assert.Equal(0, (await _rig.Events.EndedAsync(sibling)).Exit!.ExitCode);
        var exit = (await _rig.Events.EndedAsync(flood)).Exit!;
        _rig.Supervisor.Kill(endless);
        await _rig.Events.EndedAsync(endless);

        Assert.Equal(Bytes, _rig.Events.OutputBytesOf(flood, OutputSource.Stderr));
        Assert.Equal(Bytes + "\nthe end\n".Length, _rig.Events.OutputBytesOf(flood, OutputSource.Stdout));
        Assert.Equal("the end\n", exit.OutputTail);
    }

    [Fact]
    public async Task Output_that_must_wait_stays_in_the_pipe_until_it_may_come()
    {
        const int Bytes = 1024 * 1024;
        var (asked, mustWait) = (0, true);
        _rig.Events.Waits = _ =>
        {
            Interlocked.Increment(ref asked);
            return Volatile.Read(ref mustWait);
        };
        var worker = _rig.StartShell($"head -c {Bytes} /dev/zero; echo the end");
        await Eventually.IsTrueAsync(() => Volatile.Read(ref asked) > 3, "it was asked again and again");
        Assert.Equal(0, _rig.Events.OutputBytesOf(worker, OutputSource.Stdout));

        Volatile.Write(ref mustWait, false);
        await _rig.Events.EndedAsync(worker);

        Assert.Equal(Bytes + "the end\n".Length, _rig.Events.OutputBytesOf(worker, OutputSource.Stdout));
    }

    [Fact]
    public async Task The_end_of_a_worker_whose_output_must_wait_is_seen_and_its_output_is_read()
    {
        _rig.Events.Waits = _ => true;
        var ends = _rig.StartShell("echo last words; exit 3");
        var endless = _rig.StartShell("yes");
        Assert.Equal(3, (await _rig.Events.EndedAsync(ends)).Exit!.ExitCode);
        Assert.Equal("last words\n", _rig.Events.OutputOf(ends, OutputSource.Stdout));

        await _rig.Events.SpawnedAsync(endless);
        _rig.Supervisor.Kill(endless);

        Assert.Equal(9, (await _rig.Events.EndedAsync(endless)).Exit!.Signal);
    }

    [Fact]
    public async Task A_line_of_100_MiB_is_passed_on_and_its_end_is_kept()
    {
        const int Bytes = 100 * 1024 * 1024;

        var worker = _rig.StartShell($"head -c {Bytes} /dev/zero | tr '\\0' x");
        var exit = (await _rig.Events.EndedAsync(worker)).Exit!;

        Assert.Equal(Bytes, _rig.Events.OutputBytesOf(worker, OutputSource.Stdout));
        Assert.Equal(new string('x', OutputTail.BytesMax), exit.OutputTail);
    }

    [Fact]
    public async Task Output_is_pending_until_it_is_read_and_then_it_comes_first()
    {
        var worker = _rig.StartShell($"echo one; echo two >&2; echo done > done; sleep 1000");
        // It may have written before its start was noted here.
        await _rig.Events.SpawnedAsync(worker);
        await Eventually.IsTrueAsync(() => File.Exists(_rig.PathOf("done")), "it wrote both lines");

        _rig.Supervisor.ReadPending(worker);

        Assert.Equal("one\n", _rig.Events.OutputOf(worker, OutputSource.Stdout));
        Assert.Equal("two\n", _rig.Events.OutputOf(worker, OutputSource.Stderr));
        _rig.Supervisor.ReadPending(new Broker.WorkerId(99));
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_pipes_does_not_hide_the_exit()
    {
        var worker = _rig.StartShell(
            "setsid sh -c 'echo $$ > pid; exec sleep 1000' & while [ ! -s pid ]; do :; done; exit 4");

        var exit = (await _rig.Events.EndedAsync(worker)).Exit!;

        Assert.Equal(4, exit.ExitCode);
        var grandchild = await _rig.ProcessIdInAsync("pid");
        await Eventually.IsTrueAsync(() => !Processes.IsAlive(grandchild), "the grandchild was swept");
    }

    [Fact]
    public async Task A_grandchild_in_the_group_goes_with_its_worker()
    {
        var worker = _rig.StartShell($"sleep 1000 & echo $! > pid; kill -KILL $$");

        await _rig.Events.EndedAsync(worker);

        var grandchild = await _rig.ProcessIdInAsync("pid");
        await Eventually.IsTrueAsync(() => !Processes.IsAlive(grandchild), "the grandchild was killed");
    }

    [Fact]
    public async Task A_double_forked_grandchild_without_the_pipes_is_swept_and_a_sibling_is_not()
    {
        var sibling = _rig.Start("sleep", "1000");
        var worker = _rig.StartShell(
            "(setsid setsid sh -c 'echo $$ > pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &);" +
            "while [ ! -s pid ]; do :; done");

        await _rig.Events.EndedAsync(worker);

        var grandchild = await _rig.ProcessIdInAsync("pid");
        await Eventually.IsTrueAsync(() => !Processes.IsAlive(grandchild), "the grandchild was swept");
        Assert.True(Processes.IsAlive(_rig.Events.ProcessIdOf(sibling)));
    }
}
