using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>A daemon that cannot start says why, and leaves the one that runs alone.</summary>
public sealed class RefusedStartTests(SharedDaemon shared) : IClassFixture<SharedDaemon>
{
    private const int InUse = 75;
    private const int Configuration = 78;

    private FaultDaemon Daemon => shared.Daemon;

    [Fact]
    public async Task A_second_daemon_on_the_same_socket_names_the_first()
    {
        using var folder = new TestFolder();

        var run = await ServeAsync("--socket", Daemon.Socket, "--data", folder.Data);

        Assert.Equal(InUse, run.ExitCode);
        Assert.Contains(Daemon.Socket, run.Errors, StringComparison.Ordinal);
        Assert.Contains($"process {Daemon.ProcessId}", run.Errors, StringComparison.Ordinal);
        Assert.Equal(Daemon.ProcessId, (await Daemon.Client.GetStatusAsync()).ProcessId);
    }

    [Fact]
    public async Task A_second_daemon_on_the_same_data_directory_names_the_first()
    {
        using var folder = new TestFolder();
        var data = (await Daemon.Client.GetStatusAsync()).DataDirectory;

        var run = await ServeAsync("--socket", folder.Socket, "--data", data);

        Assert.Equal(InUse, run.ExitCode);
        Assert.Contains(data, run.Errors, StringComparison.Ordinal);
        Assert.Contains($"process {Daemon.ProcessId}", run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Socket));
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_read_is_named()
    {
        using var folder = new TestFolder();

        var absent = await ServeAsync("--config", folder.In("absent.json"));
        Assert.Equal(Configuration, absent.ExitCode);
        Assert.Contains(folder.In("absent.json"), absent.Errors, StringComparison.Ordinal);

        var directory = await ServeAsync("--config", folder.Path);
        Assert.Equal(Configuration, directory.ExitCode);
        Assert.Contains(folder.Path, directory.Errors, StringComparison.Ordinal);

        var broken = await ServeAsync("--config", folder.Write("broken.json", "{ \"daemon\": { "));
        Assert.Equal(Configuration, broken.ExitCode);
        Assert.Contains("broken.json", broken.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_mistake_of_a_configuration_is_told_at_once()
    {
        using var folder = new TestFolder();
        var file = folder.Write("mistakes.json", """
            {
              "daemon": { "drain_timeout": "-1s", "log_levle": "info" },
              "queues": { "not a name": {} },
              "pools": { "text": { "size": 5000, "command": ["worker"], "term_grace": "soon" } }
            }
            """);

        var run = await ServeAsync("--config", file);

        Assert.Equal((Configuration, ""), (run.ExitCode, run.Output));
        string[] named =
        [
            "daemon.drain_timeout", "log_levle", "log_level", "not a name", "pools.text.size", "pools.text.term_grace",
        ];
        Assert.All(named, name => Assert.Contains(name, run.Errors, StringComparison.Ordinal));
    }

    private static Task<ProgramRun> ServeAsync(params string[] arguments) =>
        ProgramRun.OfAsync(BuiltPrograms.Daemon, ["serve", .. arguments]);
}
