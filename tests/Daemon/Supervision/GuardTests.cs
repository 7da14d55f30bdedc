namespace Queued.Daemon.Tests.Supervision;

public sealed class GuardTests
{
    [Fact]
    public async Task When_its_owner_is_killed_nothing_stays_alive_and_the_told_paths_are_gone()
    {
        await using var rig = new SupervisorRig();
        var instance = $"owned-{Guid.NewGuid():n}";
        var doomed = Directory.CreateDirectory(rig.PathOf("doomed")).FullName;
        await File.WriteAllTextAsync(Path.Combine(doomed, "queued.sock"), "");

        // The owner tells its guard of one group; the other process has left it and is found by its environment.
        var owner = rig.StartShell($$"""
            cd {{rig.Directory}}; mkfifo pipe
            env -u QUEUED_INSTANCE setsid {{string.Join(' ', SupervisorRig.DaemonCommand)}} guard {{instance}} < pipe &
            exec 3> pipe
            export QUEUED_INSTANCE={{instance}}
            setsid sh -c 'echo $$ > group; exec sleep 1000' 3>&- &
            setsid sh -c '(setsid sh -c "echo \$\$ > stray; exec sleep 1000" &)' 3>&- &
            while [ ! -s group ] || [ ! -s stray ]; do sleep 0.01; done
            printf '+%s\n+999999999\n-999999999\nrm {{doomed}}\nnonsense\n' $(cat group) >&3
            echo told; sleep 1000 3>&-
            """);
        await rig.WroteAsync(owner, "told");
        var group = await rig.ProcessIdInAsync("group");
        var stray = await rig.ProcessIdInAsync("stray");
        Assert.True(Processes.IsAlive(group) && Processes.IsAlive(stray));

        await KillAloneAsync(rig, rig.Events.ProcessIdOf(owner));

        await Eventually.IsTrueAsync(() => !Processes.IsAlive(group) && !Processes.IsAlive(stray), "both are dead");
        await Eventually.IsTrueAsync(() => !Directory.Exists(doomed), "the directory is gone");
    }

    [Fact]
    public async Task A_supervisor_has_a_guard_and_starts_another_when_it_dies()
    {
        await using var rig = new SupervisorRig(options => options with { GuardEnabled = true });
        var kept = Directory.CreateDirectory(rig.PathOf("private")).FullName;
        rig.Supervisor.RemoveAtEnd(kept);
        var worker = rig.Start("sleep", "1000");
        await rig.Events.SpawnedAsync(worker);
        await Eventually.IsTrueAsync(() => rig.Supervisor.GuardProcessId is not null, "there is a guard");
        var first = rig.Supervisor.GuardProcessId!.Value;

        await KillAloneAsync(rig, first);
        await Eventually.IsTrueAsync(
            () => rig.Supervisor.GuardProcessId is { } next && next != first, "there is another guard");

        Assert.True(Processes.IsAlive(rig.Events.ProcessIdOf(worker)));
        Assert.True(Directory.Exists(kept));
        Assert.Contains(rig.Log.Lines, line => line.Contains($"(process {first}) died"));
        var second = rig.Supervisor.GuardProcessId!.Value;
        await rig.Supervisor.DisposeAsync();
        Assert.False(Processes.IsAlive(second));
        Assert.False(Directory.Exists(kept));
    }

    [Fact]
    public async Task The_guard_hears_no_polite_signal()
    {
        await using var rig = new SupervisorRig(options => options with { GuardEnabled = true });
        await Eventually.IsTrueAsync(() => rig.Supervisor.GuardProcessId is not null, "there is a guard");
        var guard = rig.Supervisor.GuardProcessId!.Value;

        await rig.RunShellAsync($"kill -TERM {guard}; kill -INT {guard}; kill -HUP {guard}");

        await rig.Supervisor.DisposeAsync();
        Assert.Empty(rig.Log.Lines);
    }

    [Fact]
    public async Task Workers_of_an_earlier_daemon_on_the_same_data_are_killed_at_the_start()
    {
        await using var earlier = new SupervisorRig();
        var data = earlier.PathOf("data");
        Task<int> LeaveAsync(string name, string directory)
        {
            earlier.StartShell(
                $"QUEUED_INSTANCE=earlier QUEUED_DATA={directory} sh -c 'echo $$ > {name}; exec sleep 1000'");
            return earlier.ProcessIdInAsync(name);
        }

        var ours = await LeaveAsync("ours", data);
        var others = await LeaveAsync("others", data + "2");

        await using var rig = new SupervisorRig(options => options with { DataDirectory = data });
        await rig.RunShellAsync("true");

        await Eventually.IsTrueAsync(() => !Processes.IsAlive(ours), "the leftover is dead");
        Assert.True(Processes.IsAlive(others));
        Assert.Single(rig.Log.Lines, line => line.Contains(data));
    }

    // By a worker of the rig, so that the tests themselves need no signals.
    private static async Task KillAloneAsync(SupervisorRig rig, int processId) =>
        Assert.Equal(0, (await rig.RunShellAsync($"kill -KILL {processId}")).Exit!.ExitCode);
}
