namespace Queued.Daemon.Hosting;

/// <summary>The directory with the daemon's state, held by one daemon at a time.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly FileLock _lock;

    private DataDirectory(string path, FileLock held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>Makes the directory where it is missing, checks it, and takes its lock.</summary>
    /// <exception cref="StartupException">It is not safe, or another daemon has it.</exception>
    public static DataDirectory Open(string path)
    {
        if (FileStatus.Of(path) is null)
        {
            Make(path);
        }

        var status = FileStatus.Of(path)
            ?? throw new StartupException(
                ExitCode.NoPermission, $"the data directory {path} was removed while it was opened");
        if (!status.IsDirectory)
        {
            throw new StartupException(ExitCode.Configuration, $"the data directory {path} is not a directory");
        }

        if (!status.IsOurs)
        {
            throw new StartupException(ExitCode.NoPermission,
                $"the data directory {path} belongs to user {status.OwnerId}; it must belong to user " +
                $"{FileStatus.CurrentUser}, who runs the daemon");
        }

        if ((status.Permissions & ~OwnerOnly) != 0)
        {
            throw new StartupException(ExitCode.NoPermission,
                $"the data directory {path} has mode {FileStatus.Octal(status.Permissions)}; others must not reach " +
                $"it: chmod 0700 {path}");
        }

        return new DataDirectory(
            path, FileLock.Take(System.IO.Path.Combine(path, "queued.lock"), $"the data directory {path}"));
    }

    public static string DefaultPath() =>
        Environment.GetEnvironmentVariable("STATE_DIRECTORY") is { Length: > 0 } state ? state.Split(':')[0]
        : FileStatus.CurrentUser == 0 ? "/var/lib/queued"
        : Environment.GetEnvironmentVariable("XDG_STATE_HOME") is ['/', ..] home
            ? System.IO.Path.Combine(home, "queued")
        : System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/state/queued");

    public void Dispose() => _lock.Dispose();

    private static void Make(string path)
    {
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StartupException.Of(
                e, $"the data directory {path} cannot be made: {e.Message} Choose another with --data");
        }
    }
}
