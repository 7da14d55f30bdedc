using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>A daemon that is killed takes everything it has started with it, and stands in nobody's way.</summary>
public sealed class KilledDaemonTests
{
    private static readonly TimeSpan OrphanTimeMax = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Nothing_of_a_killed_daemon_is_alive_three_seconds_later()
    {
        using var folder = new TestFolder();
        await using var daemon = await FaultDaemon.StartAsync(folder);
        await StartEverythingAsync(daemon);

        await daemon.KillAsync();

        await NothingIsLeftAsync(folder);
    }

    [Fact]
    public async Task A_new_daemon_starts_at_once_where_one_was_killed_and_has_its_pools()
    {
        using var folder = new TestFolder();
        await using var killed = await FaultDaemon.StartAsync(folder);
        var lost = await StartEverythingAsync(killed);
        await killed.KillAsync();

        await using var daemon = await FaultDaemon.StartAsync(folder);

        await using var pool = daemon.TakeUp(lost);
        await pool.IsFullAsync();
        Assert.Equal(9, await (await pool.SubmitAsync<int, int>("square", 3)).GetResultAsync());
        await Eventually.IsTrueAsync(
            () => Processes.WithEnvironment(folder.Socket).Count == 3, "the new daemon's workers alone");
    }

    [Fact]
    public async Task Nothing_of_a_stopped_daemon_is_left()
    {
        using var folder = new TestFolder();
        await using (var daemon = await FaultDaemon.StartAsync(folder, "--set", "daemon.drain_timeout=100ms"))
        {
            await StartEverythingAsync(daemon);
        }

        Assert.Empty(Processes.WithEnvironment(folder.Socket));
        Assert.False(File.Exists(folder.Socket));
    }

    /// <summary>Workers, idle and busy, that have children of every kind, and a command that has some too.</summary>
    private static async Task<FaultPool> StartEverythingAsync(FaultDaemon daemon)
    {
        var pool = await daemon.AddPoolAsync(3, spec => spec with
        {
            Command = [FaultDaemon.Worker, "--ignore-sigterm"],
        });
        Assert.True(await (await pool.SubmitAsync<int, bool>("children", 0)).GetResultAsync());
        var gate = daemon.AddGate();
        await pool.SubmitAsync<string, int>("ignore-cancel", gate.Path);
        await gate.ArrivedAsync();
        gate.Dispose();

        const string script = "trap '' TERM; sleep 1000 & setsid sleep 1000 & (setsid sleep 1000 &); wait";
        await daemon.Client.SubmitExecAsync(new ExecRequest { Arguments = ["sh", "-c", script] });

        // Three workers, four sleeping children and a shell of one, three sleeping children of the command's shell.
        await Eventually.IsTrueAsync(
            () => Processes.WithEnvironment(daemon.Socket).Count >= 3 + 5 + 4, "a start of all processes");
        return pool;
    }

    private static Task NothingIsLeftAsync(TestFolder folder) => Eventually.IsTrueAsync(
        () => Processes.WithEnvironment(folder.Socket).Count == 0, "an end of everything", OrphanTimeMax);
}
