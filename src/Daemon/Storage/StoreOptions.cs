using Queued.Daemon.Storage.Rows;

namespace Queued.Daemon.Storage;

/// <summary>Where the store is, and its measures.</summary>
internal sealed record StoreOptions
{
    public const string DatabaseName = "queued.db";
    public const string MarkName = "hwm";

    /// <summary>An existing directory of ours, whose lock is held.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// The high-water mark. Null: beside the database. Elsewhere it notices even that the whole directory is an old
    /// copy.
    /// </summary>
    public string? MarkPath { get; init; }

    /// <summary>Changes of one commit.</summary>
    public int GroupChangesMax { get; init; } = 4096;

    /// <summary>Bytes of one commit; one larger change is a commit of its own.</summary>
    public int GroupBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes that wait to be written; past it even those who wait for nothing wait.</summary>
    public long WaitingBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Log written since the last checkpoint that brings the next one.</summary>
    public long CheckpointBytes { get; init; } = 8L * 1024 * 1024;

    /// <summary>Past it the log's file is cut to nothing at the next checkpoint.</summary>
    public long LogBytesMax { get; init; } = 64L * 1024 * 1024;

    /// <summary>Pages of the database that are kept in memory.</summary>
    public long CacheBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Free bytes of the file system, below which new tasks are refused.</summary>
    public long FreeBytesMin { get; init; } = 512L * 1024 * 1024;

    /// <summary>Free part of the file system in percent, below which new tasks are refused.</summary>
    public int FreePercentMin { get; init; } = 5;

    /// <summary>
    /// A payload or result up to this length lies in the task's own row. A later version may lower it and never raise
    /// it: a removal looks only for longer ones elsewhere.
    /// </summary>
    public int InlineBytesMax { get; init; } = 256;

    /// <summary>Records of ended attempts kept of one task.</summary>
    public int AttemptRecordsMax { get; init; } = 16;

    /// <summary>Name of the SQLite VFS. Null: the system's. Tests have one whose disk fails.</summary>
    public string? FileSystem { get; init; }

    /// <summary>Length of a file there; 0 where it is missing. Null: the system knows.</summary>
    public Func<string, long>? LengthOf { get; init; }

    /// <summary>Writes and flushes what a file there has. Null: the system does.</summary>
    public Action<string>? WriteAgain { get; init; }

    /// <summary>Reads payloads that are in memory segments. Null: there are none.</summary>
    public SegmentReader? ReadSegment { get; init; }

    public string DatabasePath => Path.Combine(Directory, DatabaseName);

    public string LogPath => DatabasePath + "-wal";

    /// <summary>There is a log with something in it: an empty one is what a look at the database leaves.</summary>
    public bool HasLog => LengthOf?.Invoke(LogPath) > 0 ||
        (LengthOf is null && new FileInfo(LogPath) is { Exists: true, Length: > 0 });

    public string HighWaterPath => MarkPath ?? Path.Combine(Directory, MarkName);
}
