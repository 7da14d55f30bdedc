using Queued.Broker;
using Queued.Daemon.Memory;

namespace Queued.Daemon.Loop;

/// <summary>A queue of the configuration, declared at every start.</summary>
internal sealed record DeclaredQueue(string Name, QueueSettings Settings);

/// <summary>All that the broker and its edge are told at start. Checked by whoever reads the configuration.</summary>
internal sealed record BrokerLoopOptions
{
    public BrokerLimits Limits { get; init; } = new();

    /// <summary>Seeds jitter and such; tests pin it.</summary>
    public ulong Seed { get; init; } = unchecked((ulong)Random.Shared.NextInt64());

    /// <summary>Commands that wait for the loop; past it clients hear DAEMON_BUSY and workers wait.</summary>
    public int InboxMax { get; init; } = 8192;

    /// <summary>Commands of one turn; the effects of a turn leave together.</summary>
    public int TurnCommandsMax { get; init; } = 256;

    /// <summary>
    /// Durable queues can be declared, and one that is declared without a durability is FSYNC. Without a store: MEMORY.
    /// </summary>
    public bool HasStore { get; init; }

    public IReadOnlyList<DeclaredQueue> Queues { get; init; } = [];

    public IReadOnlyList<PoolSettings> Pools { get; init; } = [];

    /// <summary>
    /// Whether a caller over TCP may say which programs run: tasks of the handler <c>exec</c>, and pools.
    /// </summary>
    public bool ExecAllowedOverTcp { get; init; }

    /// <summary>Bytes that an exec command may ask to keep of each of stdout and stderr.</summary>
    public int ExecOutputBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Submissions that one client stream may have without having seen their end.</summary>
    public int SubmitWindow { get; init; } = 8192;

    /// <summary>Operations that one session may have without an answer.</summary>
    public int OperationWindow { get; init; } = 8192;

    /// <summary>Streams of clients, and sessions, that are open at once.</summary>
    public int SessionsMax { get; init; } = 4096;

    /// <summary>Bytes of one message on the wire.</summary>
    public int MessageBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Longest wait of one awaiting call.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Output kept of one attempt.</summary>
    public int LogBytesPerAttempt { get; init; } = 1024 * 1024;

    /// <summary>Output kept of all attempts.</summary>
    public long LogBytesTotal { get; init; } = 64L * 1024 * 1024;

    /// <summary>Where memory segments are.</summary>
    public SegmentOptions Segments { get; init; } = new();

    /// <summary>Shown by GetStatus.</summary>
    public string Version { get; init; } = "";

    /// <summary>Shown by GetStatus.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>Shown by GetStatus. Empty: none.</summary>
    public string DataDirectory { get; init; } = "";
}
