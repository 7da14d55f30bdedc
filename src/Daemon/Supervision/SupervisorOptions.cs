namespace Queued.Daemon.Supervision;

internal sealed record SupervisorOptions
{
    /// <summary>Path of the daemon's Unix socket, given to workers as QUEUED_SOCKET.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Names this run of the daemon. Given to workers as QUEUED_INSTANCE; leftovers are found by it.</summary>
    public required string InstanceId { get; init; }

    /// <summary>Working directory of exec commands that name none.</summary>
    public required string ExecDirectory { get; init; }

    /// <summary>
    /// The daemon's data directory, absolute. Processes that an earlier daemon on the same directory left behind are
    /// killed at the start; nobody else may use the directory by then. Null: nothing is left to look for.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>Bytes of each of stdout and stderr kept in an exec command's result.</summary>
    public int ExecOutputBytesMax { get; init; } = 1024 * 1024;

    /// <summary>No worker is started whose descriptors would have this number or a higher one.</summary>
    public long DescriptorMax { get; init; } = long.MaxValue;

    /// <summary>
    /// Between two looks at the memory of workers with a memory limit. The others are looked at ten times less often.
    /// </summary>
    public TimeSpan SampleInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A second process kills the workers when this one dies without having done so.</summary>
    public bool GuardEnabled { get; init; } = true;

    /// <summary>Starts this program again, for the guard.</summary>
    public IReadOnlyList<string> SelfCommand { get; init; } = CurrentCommand();

    private static string[] CurrentCommand()
    {
        var path = Environment.ProcessPath ?? "/proc/self/exe";
        var hosted = Path.GetFileNameWithoutExtension(path) == "dotnet";
        return hosted ? [path, Path.GetFullPath(Environment.GetCommandLineArgs()[0])] : [path];
    }
}
