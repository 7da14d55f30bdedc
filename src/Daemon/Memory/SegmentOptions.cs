using System.Globalization;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Memory;

/// <summary>Where the files of memory segments are, and who may map them.</summary>
internal sealed record SegmentOptions
{
    /// <summary>In memory, and on every Linux.</summary>
    public const string DefaultRoot = "/dev/shm";

    private const UnixFileMode ReadWriteAll =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    public string Root { get; init; } = DefaultRoot;

    /// <summary>
    /// Names this run of the daemon. Each has a directory of its own: the guard of a killed one may remove its
    /// directory while the next one makes segments.
    /// </summary>
    public string InstanceId { get; init; } = Entropy.Hex(bytes: 8);

    /// <summary>Permissions of the daemon's socket: who may connect may map.</summary>
    public UnixFileMode SocketMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// The group that the mode's group bits speak of. Known when the daemon serves. Null: the daemon's own.
    /// </summary>
    public Func<uint>? GroupId { get; init; }

    /// <summary>
    /// Told of the directory before it is made: it is to be gone after the daemon, however that ends.
    /// </summary>
    public Action<string> RemoveAtEnd { get; init; } = _ => { };

    public string Directory => Path.Combine(Root, $"{Prefix}{InstanceId}");

    /// <summary>How the directories of all daemons of this user begin.</summary>
    public static string Prefix { get; } =
        string.Create(CultureInfo.InvariantCulture, $"queued-{FileStatus.CurrentUser}-");

    public UnixFileMode FileMode =>
        (SocketMode & ReadWriteAll) | UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Who may map may pass through it, and nobody but the daemon makes or removes files there.</summary>
    public UnixFileMode DirectoryMode
    {
        get
        {
            var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            if ((SocketMode & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite)) != 0)
                mode |= UnixFileMode.GroupExecute;
            if ((SocketMode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                mode |= UnixFileMode.OtherExecute;
            return mode;
        }
    }
}
