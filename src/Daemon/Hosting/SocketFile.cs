using System.Text;
using Queued.Protocol.Streams;

namespace Queued.Daemon.Hosting;

/// <summary>
/// The name of the Unix socket, claimed before it is bound: its directory is safe, no other daemon has it, and what a
/// daemon that was killed left there is gone.
/// </summary>
internal sealed class SocketFile : IDisposable
{
    // sun_path has 108 bytes, with the NUL at the end.
    private const int PathBytesMax = 107;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerAndGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;

    private readonly FileLock? _lock;
    private FileStatus? _bound;

    private SocketFile(string path, UnixFileMode mode, FileLock? held)
    {
        Path = path;
        Mode = mode;
        _lock = held;
        if (held is not null && IsShortEnough(path + StreamSocketPath.Suffix))
            Streams = new SocketFile(path + StreamSocketPath.Suffix, mode, held: null);
    }

    public string Path { get; }

    public UnixFileMode Mode { get; }

    /// <summary>
    /// The one for streams, which is claimed with this one. Null: its path would be too long, and streams go as all
    /// else does.
    /// </summary>
    public SocketFile? Streams { get; }

    /// <summary>The group that the mode's group bits speak of. Known once the socket is bound.</summary>
    public uint GroupId => _bound?.GroupId ?? throw new InvalidOperationException("The socket is not bound.");

    public static string DefaultPath()
    {
        var directory =
            Environment.GetEnvironmentVariable("RUNTIME_DIRECTORY") is { Length: > 0 } runtime ? runtime.Split(':')[0]
            : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is ['/', ..] user
                ? System.IO.Path.Combine(user, "queued")
            : "/run/queued";
        return System.IO.Path.Combine(directory, "queued.sock");
    }

    /// <exception cref="StartupException">
    /// The path is too long, its directory is not safe, or another program has it.
    /// </exception>
    public static SocketFile Claim(string path, UnixFileMode mode, bool isPrivate)
    {
        if (!IsShortEnough(path))
        {
            throw new StartupException(ExitCode.Configuration,
                $"the socket path {path} has {Encoding.UTF8.GetByteCount(path)} bytes; the kernel takes at most " +
                $"{PathBytesMax}. Choose a shorter one with --socket");
        }

        PrepareDirectory(System.IO.Path.GetDirectoryName(path) ?? "/", isPrivate);
        var held = FileLock.Take(path + ".lock", $"the socket {path}");
        try
        {
            RemoveStale(path);
            RemoveStale(path + StreamSocketPath.Suffix);
            return new SocketFile(path, mode, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// To be called between bind and listen: until then nobody can connect, so the mode holds from the first moment.
    /// </summary>
    public void Bound()
    {
        File.SetUnixFileMode(Path, Mode);
        _bound = FileStatus.Of(Path);
    }

    public void Dispose()
    {
        Streams?.Dispose();
        if (_bound is { } bound && FileStatus.Of(Path) is { } now && now.Inode == bound.Inode
            && now.Device == bound.Device)
        {
            FileLock.Remove(Path);
        }

        _lock?.Dispose();
    }

    private static bool IsShortEnough(string path) => Encoding.UTF8.GetByteCount(path) <= PathBytesMax;

    private static void PrepareDirectory(string directory, bool isPrivate)
    {
        if (FileStatus.OfTarget(directory) is null)
        {
            Make(directory);
        }

        var status = FileStatus.OfTarget(directory)
            ?? throw new StartupException(
                ExitCode.NoPermission, $"the socket's directory {directory} was removed while it was checked");
        if (!status.IsDirectory)
        {
            throw new StartupException(
                ExitCode.Configuration, $"the socket's directory {directory} is not a directory");
        }

        if (!status.IsOurs && status.OwnerId != 0)
        {
            throw new StartupException(ExitCode.NoPermission,
                $"the socket's directory {directory} belongs to user {status.OwnerId}, who could put another socket " +
                "in its place; " +
                $"it must belong to root or to user {FileStatus.CurrentUser}, who runs the daemon");
        }

        // In a sticky directory nobody can replace our socket, but anybody could have taken the name before us.
        if (status.Permissions.HasFlag(UnixFileMode.OtherWrite) && !(status.IsSticky && isPrivate))
        {
            throw new StartupException(ExitCode.NoPermission,
                $"everybody can write to the socket's directory {directory} (mode " +
                $"{FileStatus.Octal(status.Permissions)}); " +
                "choose one of your own with --socket, or take the right away: chmod o-w " + directory);
        }
    }

    private static void Make(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory, FileStatus.CurrentUser == 0 ? OwnerAndGroup : OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StartupException.Of(
                e, $"the socket's directory {directory} cannot be made: {e.Message} Choose another with --socket");
        }
    }

    private static void RemoveStale(string path)
    {
        if (FileStatus.Of(path) is not { } status)
        {
            return;
        }

        if (!status.IsSocket || !status.IsOurs)
        {
            throw new StartupException(ExitCode.InUse, status.IsSocket
                ? $"{path} is a socket of user {status.OwnerId}; it is not ours to remove"
                : $"{path} is there already and is not a socket; it is not ours to remove");
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StartupException.Of(
                e, $"the socket {path}, which another daemon left, cannot be removed: {e.Message} Remove it");
        }
    }
}
