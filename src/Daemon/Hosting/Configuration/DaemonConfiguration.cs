using System.Net;
using Queued.Broker;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>
/// Everything that can be set, checked and with its defaults. Made once, by <see cref="ConfigurationLoader"/>.
/// </summary>
internal sealed record DaemonConfiguration
{
    /// <summary>Bytes of a command's result beside its output.</summary>
    private const int ExecResultOverhead = 256;

    public DaemonSection Daemon { get; init; } = new();

    public BrokerLimits Limits { get; init; } = new();

    public StorageSection Storage { get; init; } = new();

    public IReadOnlyDictionary<string, QueueSettings> Queues { get; init; } = new Dictionary<string, QueueSettings>();

    public IReadOnlyDictionary<string, PoolSettings> Pools { get; init; } = new Dictionary<string, PoolSettings>();

    public ExecSection Exec { get; init; } = new();

    public LogsSection Logs { get; init; } = new();

    public TelemetrySection Telemetry { get; init; } = new();

    /// <summary>Workers of all pools together.</summary>
    public int Workers => Pools.Values.Sum(pool => pool.Size);

    /// <summary>Bytes of stdout, and of stderr, of which both fit into a result.</summary>
    public int ExecOutputBytesMax => Math.Min(Exec.OutputBytesMax, (Limits.PayloadBytesMax - ExecResultOverhead) / 2);
}

internal enum StoreKind
{
    /// <summary>Nothing is stored: there are memory queues alone.</summary>
    Memory,

    /// <summary>A SQLite database in the data directory.</summary>
    Sqlite,
}

internal enum LogFormat
{
    Text,
    Json,
}

internal sealed record DaemonSection
{
    /// <summary>
    /// Null: the first of $RUNTIME_DIRECTORY, $XDG_RUNTIME_DIR/queued and /run/queued, with queued.sock in it.
    /// </summary>
    public string? Socket { get; init; }

    public UnixFileMode SocketMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Null: the first of $STATE_DIRECTORY, /var/lib/queued for root, and $XDG_STATE_HOME/queued.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Null: SQLite, and memory for a private daemon.</summary>
    public StoreKind? Store { get; init; }

    /// <summary>A loopback address and port. Null: no TCP.</summary>
    public IPEndPoint? Listen { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>How long running attempts may go on at shutdown before they are killed.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

internal sealed record StorageSection
{
    public long FreeBytesMin { get; init; } = 512L * 1024 * 1024;

    public long FreePercentMin { get; init; } = 5;

    public long CheckpointBytes { get; init; } = 8L * 1024 * 1024;

    public long LogBytesMax { get; init; } = 64L * 1024 * 1024;

    public long CacheBytes { get; init; } = 64L * 1024 * 1024;

    public long GroupChangesMax { get; init; } = 4096;

    public long GroupBytesMax { get; init; } = 4L * 1024 * 1024;

    /// <summary>Null: hwm in the data directory.</summary>
    public string? HighWaterPath { get; init; }
}

internal sealed record ExecSection
{
    public const string PoolName = "exec";

    public bool Enabled { get; init; } = true;

    /// <summary>OS commands that run at once.</summary>
    public int Size { get; init; } = Environment.ProcessorCount;

    public bool AllowOverTcp { get; init; }

    /// <summary>Bytes of stdout, and of stderr, that a result keeps.</summary>
    public int OutputBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Working directory of commands that name none. Empty: the daemon's.</summary>
    public string Directory { get; init; } = "";
}

internal sealed record LogsSection
{
    public long BytesPerAttempt { get; init; } = 1024 * 1024;

    public long BytesTotal { get; init; } = 256 * 1024 * 1024;
}

internal sealed record TelemetrySection
{
    /// <summary>Null: on when an endpoint is known.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Null: OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public Uri? OtlpEndpoint { get; init; }

    public string ServiceName { get; init; } = "queued";
}
