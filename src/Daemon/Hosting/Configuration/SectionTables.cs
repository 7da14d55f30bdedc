using System.Net;
using Queued.Broker;

namespace Queued.Daemon.Hosting.Configuration;

/// <summary>
/// Every key of the sections that are there once. The schema, the reader and the writer all use these tables.
/// </summary>
internal static class SectionTables
{
    private const long PayloadBytesMaxMax = 64L << 20;
    private const long BytesMax = 1L << 50;

    public static readonly ConfigTable<DaemonSection> Daemon = new(
        new ConfigKey<DaemonSection, string>("socket", TextKind.AbsolutePath,
            s => s.Socket, (s, v) => s with { Socket = v },
            "Path of the Unix socket. Default: queued.sock in the first of $RUNTIME_DIRECTORY, " +
            "$XDG_RUNTIME_DIR/queued and /run/queued."),
        new ConfigKey<DaemonSection, UnixFileMode>("socket_mode", new SocketModeKind(),
            s => s.SocketMode, (s, v) => s with { SocketMode = v },
            "Permissions of the socket; who may connect may run code as the daemon's user. Default: \"0660\"."),
        new ConfigKey<DaemonSection, string>("data_directory", TextKind.AbsolutePath,
            s => s.DataDirectory, (s, v) => s with { DataDirectory = v },
            "Where state is kept; mode 0700. Default: $STATE_DIRECTORY, else /var/lib/queued for root and " +
            "$XDG_STATE_HOME/queued for others."),
        new ConfigKey<DaemonSection, StoreKind>("store",
            new ChoiceKind<StoreKind>(("memory", StoreKind.Memory), ("sqlite", StoreKind.Sqlite)),
            s => s.Store, (s, v) => s with { Store = v },
            "Where durable queues are kept: sqlite, in the data directory; memory, then there are none. Default: " +
            "sqlite, and memory with --private."),
        new ConfigKey<DaemonSection, IPEndPoint>("listen", new LoopbackKind(),
            s => s.Listen, (s, v) => s with { Listen = v },
            "Loopback address and port to serve as well; port 0 takes a free one. Every user of the machine can " +
            "connect there. Default: none."),
        new ConfigKey<DaemonSection, LogLevel>("log_level",
            new ChoiceKind<LogLevel>(
                ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information),
                ("warn", LogLevel.Warning), ("error", LogLevel.Error), ("none", LogLevel.None)),
            s => s.LogLevel, (s, v) => s with { LogLevel = v },
            "The least that is logged, to stderr. Default: info."),
        new ConfigKey<DaemonSection, LogFormat>("log_format",
            new ChoiceKind<LogFormat>(("text", LogFormat.Text), ("json", LogFormat.Json)),
            s => s.LogFormat, (s, v) => s with { LogFormat = v },
            "One line of text, or one JSON object, for each event. Default: text."),
        new ConfigKey<DaemonSection, TimeSpan>("drain_timeout", new DurationKind(TimeSpan.Zero, TimeSpan.FromHours(24)),
            s => s.DrainTimeout, (s, v) => s with { DrainTimeout = v },
            "How long running attempts may go on at shutdown before they are asked to stop. Default: 30s."));

    public static readonly ConfigTable<BrokerLimits> Limits = new(
        Bytes("payload_bytes_max", PayloadBytesMaxMax, s => s.PayloadBytesMax,
            (s, v) => s with { PayloadBytesMax = (int)v },
            "Bytes of one payload or result. Default: 4MiB."),
        Count("tasks_max", 100_000_000, s => s.TasksMax, (s, v) => s with { TasksMax = v },
            "Tasks that have not ended, over all queues. Default: 10000000."),
        Bytes("payload_bytes_total_max", BytesMax, s => s.PayloadBytesTotalMax,
            (s, v) => s with { PayloadBytesTotalMax = v },
            "Payload bytes of tasks that have not ended, over all queues, and of messages that wait to be put. " +
            "Default: 8GiB."),
        Count("finished_tasks_max", 100_000_000, s => s.FinishedTasksMax,
            (s, v) => s with { FinishedTasksMax = (int)v },
            "Finished tasks kept for readers; past it the oldest goes before its time. Default: 1000000."),
        Bytes("finished_bytes_max", BytesMax, s => s.FinishedBytesMax, (s, v) => s with { FinishedBytesMax = v },
            "Payloads, results and failure texts of finished tasks and dead letters; past it the oldest goes before " +
            "its time. Default: 1GiB."),
        Count("queues_max", 1_000_000, s => s.QueuesMax, (s, v) => s with { QueuesMax = (int)v },
            "Queues. Default: 100000."),
        Count("pools_max", 4096, s => s.PoolsMax, (s, v) => s with { PoolsMax = (int)v },
            "Pools. Default: 256."),
        Count("pool_size_max", 1024, s => s.PoolSizeMax, (s, v) => s with { PoolSizeMax = (int)v },
            "Workers of one pool. Default: 1024."),
        Count("workers_max", 65_536, s => s.WorkersMax, (s, v) => s with { WorkersMax = (int)v },
            "Workers of all pools, and external ones. Default: 4096."),
        Count("submit_batch_max", 100_000, s => s.SubmitBatchMax, (s, v) => s with { SubmitBatchMax = (int)v },
            "Tasks of one submit. Default: 10000."),
        Count("message_batch_max", 100_000, s => s.MessageBatchMax, (s, v) => s with { MessageBatchMax = (int)v },
            "Messages of one put, get or settle. Default: 10000."),
        Bytes("message_batch_bytes_max", PayloadBytesMaxMax, s => s.MessageBatchBytesMax,
            (s, v) => s with { MessageBatchBytesMax = (int)v },
            "Payload bytes of the messages of one answer; past it a get has fewer than it asked for, but at least " +
            "one. Default: 4MiB."),
        Count("pipes_max", 1_000_000, s => s.PipesMax, (s, v) => s with { PipesMax = (int)v },
            "Pipes. Default: 100000."),
        Bytes("pipe_bytes_total_max", BytesMax, s => s.PipeBytesTotalMax, (s, v) => s with { PipeBytesTotalMax = v },
            "Bytes of all messages in pipes, or waiting for room there. Default: 1GiB."),
        Count("idempotency_keys_max", 100_000_000, s => s.IdempotencyKeysMax,
            (s, v) => s with { IdempotencyKeysMax = (int)v },
            "Idempotency keys that are remembered. Default: 1000000."),
        Count("states_max", 10_000_000, s => s.StatesMax, (s, v) => s with { StatesMax = (int)v },
            "Shared objects: locks, values and all other kinds. Default: 100000."),
        Bytes("state_bytes_total_max", BytesMax, s => s.StateBytesTotalMax,
            (s, v) => s with { StateBytesTotalMax = v },
            "Bytes of what is in all shared objects. Default: 1GiB."),
        Count("segments_max", 1_000_000, s => s.SegmentsMax, (s, v) => s with { SegmentsMax = (int)v },
            "Segments of shared memory. Default: 10000."),
        Bytes("segment_bytes_max", BytesMax, s => s.SegmentBytesMax, (s, v) => s with { SegmentBytesMax = v },
            "Bytes of one segment of shared memory. Default: 1GiB."),
        Bytes("segment_bytes_total_max", BytesMax, s => s.SegmentBytesTotalMax,
            (s, v) => s with { SegmentBytesTotalMax = v },
            "Bytes of all segments of shared memory together. Default: 4GiB."),
        Bytes("stored_payload_bytes_max", PayloadBytesMaxMax, s => s.StoredPayloadBytesMax,
            (s, v) => s with { StoredPayloadBytesMax = (int)v },
            "Bytes of one payload or result of a durable queue. Default: 60MiB."),
        Time("delay_max", s => s.DelayMax, (s, v) => s with { DelayMax = v },
            "The longest delay of a task. Default: 365d."),
        Time("timeout_max", s => s.TimeoutMax, (s, v) => s with { TimeoutMax = v },
            "The longest timeout of a task. Default: 30d."),
        Time("ttl_max", s => s.TtlMax, (s, v) => s with { TtlMax = v },
            "The longest time that results and idempotency keys are kept. Default: 30d."));

    public static readonly ConfigTable<StorageSection> Storage = new(
        new ConfigKey<StorageSection, long>("free_bytes_min", new SizeKind(0, BytesMax),
            s => s.FreeBytesMin, (s, v) => s with { FreeBytesMin = v },
            "Free bytes of the disk below which new tasks of durable queues are refused; the higher of this and " +
            "free_percent_min counts. Default: 512MiB."),
        new ConfigKey<StorageSection, long>("free_percent_min", new WholeKind(0, 90),
            s => s.FreePercentMin, (s, v) => s with { FreePercentMin = v },
            "Free part of the disk, in percent, below which new tasks of durable queues are refused. Default: 5."),
        new ConfigKey<StorageSection, long>("checkpoint_bytes", new SizeKind(64 * 1024, 1L << 30),
            s => s.CheckpointBytes, (s, v) => s with { CheckpointBytes = v },
            "Bytes of the log that are copied into the database at once. Default: 8MiB."),
        new ConfigKey<StorageSection, long>("log_bytes_max", new SizeKind(64 * 1024, 1L << 40),
            s => s.LogBytesMax, (s, v) => s with { LogBytesMax = v },
            "Size of the log's file past which it is cut back. Default: 64MiB."),
        new ConfigKey<StorageSection, long>("cache_bytes", new SizeKind(1024 * 1024, 1L << 40),
            s => s.CacheBytes, (s, v) => s with { CacheBytes = v },
            "Most memory for pages of the database. Default: 64MiB."),
        new ConfigKey<StorageSection, long>("group_changes_max", new WholeKind(1, 1_000_000),
            s => s.GroupChangesMax, (s, v) => s with { GroupChangesMax = v },
            "Most changes that are flushed together. Default: 4096."),
        new ConfigKey<StorageSection, long>("group_bytes_max", new SizeKind(1024, 1L << 30),
            s => s.GroupBytesMax, (s, v) => s with { GroupBytesMax = v },
            "Most bytes that are flushed together. Default: 4MiB."),
        new ConfigKey<StorageSection, string>("high_water_path", TextKind.AbsolutePath,
            s => s.HighWaterPath, (s, v) => s with { HighWaterPath = v },
            "File with the number of the last commit that is known to be stored. On another disk it notices even " +
            "that the whole data directory is an old copy. Default: hwm in the data directory."));

    public static readonly ConfigTable<ExecSection> Exec = new(
        new ConfigKey<ExecSection, bool>("enabled", SwitchKind.Instance,
            s => s.Enabled, (s, v) => s with { Enabled = v },
            "A pool exec that runs OS commands from the queue exec. Default: true."),
        new ConfigKey<ExecSection, int>("size", new CountKind(1024),
            s => s.Size, (s, v) => s with { Size = v },
            "Commands that run at once. Default: auto, one per core."),
        new ConfigKey<ExecSection, bool>("allow_over_tcp", SwitchKind.Instance,
            s => s.AllowOverTcp, (s, v) => s with { AllowOverTcp = v },
            "Whether callers that came by TCP may run commands. Default: false."),
        new ConfigKey<ExecSection, long>("output_bytes_max", new SizeKind(0, PayloadBytesMaxMax),
            s => (long)s.OutputBytesMax, (s, v) => s with { OutputBytesMax = (int)v },
            "Bytes of stdout, and of stderr, that a result keeps; less where limits.payload_bytes_max has no room " +
            "for both. Default: 1MiB."),
        new ConfigKey<ExecSection, string>("directory", TextKind.AbsolutePath,
            s => s.Directory.Length == 0 ? null : s.Directory, (s, v) => s with { Directory = v },
            "Working directory of commands that name none. Default: the daemon's."));

    public static readonly ConfigTable<LogsSection> Logs = new(
        new ConfigKey<LogsSection, long>("bytes_per_attempt", new SizeKind(0, BytesMax),
            s => s.BytesPerAttempt, (s, v) => s with { BytesPerAttempt = v },
            "Output kept of one attempt; past it the oldest goes. Default: 1MiB."),
        new ConfigKey<LogsSection, long>("bytes_total", new SizeKind(0, BytesMax),
            s => s.BytesTotal, (s, v) => s with { BytesTotal = v },
            "Output kept of all attempts; past it the oldest attempt's goes. Default: 256MiB."));

    public static readonly ConfigTable<TelemetrySection> Telemetry = new(
        new ConfigKey<TelemetrySection, bool>("enabled", SwitchKind.Instance,
            s => s.Enabled, (s, v) => s with { Enabled = v },
            "Sends traces and metrics by OTLP. Default: true where an endpoint is set."),
        new ConfigKey<TelemetrySection, Uri>("otlp_endpoint", new HttpAddressKind(),
            s => s.OtlpEndpoint, (s, v) => s with { OtlpEndpoint = v },
            "Address of the collector, gRPC. Default: $OTEL_EXPORTER_OTLP_ENDPOINT."),
        new ConfigKey<TelemetrySection, string>("service_name", TextKind.Name,
            s => s.ServiceName, (s, v) => s with { ServiceName = v },
            "service.name of what is sent. Default: queued."));

    private static ConfigKey<BrokerLimits, long> Bytes(
        string name, long max, Func<BrokerLimits, long> get, Func<BrokerLimits, long, BrokerLimits> set,
        string description) =>
        new(name, new SizeKind(1024, max), s => get(s), set, description);

    private static ConfigKey<BrokerLimits, long> Count(
        string name, long max, Func<BrokerLimits, long> get, Func<BrokerLimits, long, BrokerLimits> set,
        string description) =>
        new(name, new WholeKind(1, max), s => get(s), set, description);

    private static ConfigKey<BrokerLimits, TimeSpan> Time(
        string name, Func<BrokerLimits, TimeSpan> get, Func<BrokerLimits, TimeSpan, BrokerLimits> set,
        string description) =>
        new(name, new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromDays(3650)), s => get(s), set, description);
}
