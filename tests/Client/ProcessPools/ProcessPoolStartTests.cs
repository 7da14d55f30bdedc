namespace Queued.Client.Tests.ProcessPools;

/// <summary>What a process pool says before there is one.</summary>
public sealed class ProcessPoolStartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-pool-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Every_option_out_of_range_is_named_before_anything_is_started()
    {
        var options = new ProcessPoolOptions
        {
            Workers = 0,
            DaemonPath = Path.Combine(_directory.FullName, "absent"),
            Command = [],
            StartTimeout = TimeSpan.Zero,
            TasksMax = -1,
            AgeMax = TimeSpan.FromSeconds(-1),
            MemorySoftBytes = 0,
            MemoryHardBytes = -1,
        };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => ProcessPool.StartAsync(options));
        string[] expected =
        [
            "Workers is 0; it must be from 1 to 1024.",
            "StartTimeout is 00:00:00;",
            "Command is empty;",
            "TasksMax is -1; it must be at least 1.",
            "AgeMax is -00:00:01; it must be from 1 millisecond to 365 days.",
            "MemorySoftBytes is 0;",
            "MemoryHardBytes is -1;",
        ];
        Assert.All(expected, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_daemon_that_may_not_be_run_is_an_unavailable_daemon_by_its_path()
    {
        var path = Path.Combine(_directory.FullName, "queued");
        await File.WriteAllTextAsync(path, "not a program");
        var error = await Assert.ThrowsAsync<DaemonUnavailableException>(
            () => ProcessPool.StartAsync(new ProcessPoolOptions { DaemonPath = path }));
        Assert.Equal("DAEMON_UNREACHABLE", error.Reason);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
