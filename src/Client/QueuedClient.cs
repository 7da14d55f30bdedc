using Queued.Client.Messages;
using Queued.Client.Sessions;
using Queued.Client.Streams;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// Talks to a <c>queued</c> daemon. Thread-safe; one for a program is enough: submits of all threads share one stream
/// and travel in batches. Connects when it is first used.
/// </summary>
public sealed partial class QueuedClient : IQueuedClient
{
    private readonly DaemonCalls _daemon;
    private readonly TaskStream _stream;
    private readonly ClientSession _session;
    private readonly PayloadJson _json;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;

    /// <summary>A client that connects when it is first used.</summary>
    /// <param name="options">Where and how. Null: all defaults.</param>
    /// <exception cref="ArgumentException">
    /// An option has a value that is not allowed; the message names all of them.
    /// </exception>
    public QueuedClient(QueuedClientOptions? options = null)
        : this(options ?? new QueuedClientOptions(), TimeProvider.System)
    {
    }

    internal QueuedClient(QueuedClientOptions options, TimeProvider clock)
    {
        options.Validate();
        _timeout = options.DefaultTimeout;
        _clock = clock;
        _json = new PayloadJson(options.JsonSerializerOptions);
        _daemon = new DaemonCalls(options);
        _stream = new TaskStream(_daemon, options, clock);
        _session = new ClientSession(_daemon, options, clock);
        Queues = new QueueCalls(_daemon);
        Pools = new PoolCalls(_daemon);
        Workers = new WorkerCalls(_daemon);
        Memory = new SegmentCalls(_daemon, _session);
    }

    /// <inheritdoc/>
    public IQueues Queues { get; }

    /// <inheritdoc/>
    public IPools Pools { get; }

    /// <inheritdoc/>
    public IWorkers Workers { get; }

    /// <inheritdoc/>
    public ISharedMemorySegments Memory { get; }

    /// <summary>Where the daemon listens, as <c>unix:/path</c> or <c>http://host:port</c>.</summary>
    public string Address => _daemon.Address.ToString();

    /// <summary>
    /// Makes a client and asks the daemon how it is, so that a wrong address is an error here and not later.
    /// </summary>
    /// <param name="options">Where and how. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="ArgumentException">
    /// An option has a value that is not allowed; the message names all of them.
    /// </exception>
    /// <exception cref="DaemonUnavailableException">The daemon does not answer.</exception>
    public static async Task<QueuedClient> ConnectAsync(
        QueuedClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        var client = new QueuedClient(options);
        try
        {
            await client.GetStatusAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public MessageQueue<T> Queue<T>(string name, MessageQueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var channel = new MessageChannel(_session, name, options ?? new MessageQueueOptions(), _clock);
        return new MessageQueue<T>(channel, PayloadCodec<T>.Of(_json), Queues);
    }

    /// <inheritdoc/>
    public async Task<long> BackupAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var wire = await _daemon.CallAsync(
            _daemon.Daemon.BackupAsync, new Proto.BackupRequest { Path = path }, cancellationToken)
            .ConfigureAwait(false);
        return (long)wire.SizeBytes;
    }

    /// <inheritdoc/>
    public async Task<DaemonStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var wire = await _daemon.CallAsync(
            _daemon.Daemon.GetStatusAsync, new Proto.GetStatusRequest(), cancellationToken).ConfigureAwait(false);
        return new DaemonStatus
        {
            Version = wire.Version,
            ProcessId = (int)wire.ProcessId,
            StartedAt = wire.StartedAt.ToTime() ?? default,
            Draining = wire.Draining,
            Endpoints = [.. wire.Endpoints],
            DataDirectory = wire.DataDirectory,
            QueueCount = (int)wire.QueueCount,
            PoolCount = (int)wire.PoolCount,
            WorkerCount = (int)wire.WorkerCount,
            OpenTaskCount = (long)wire.OpenTaskCount,
            FinishedTaskCount = (long)wire.FinishedTaskCount,
            RunningTaskCount = (long)wire.RunningTaskCount,
            Limits = wire.Limits.ToDictionary(limit => limit.Key, limit => (long)limit.Value, StringComparer.Ordinal),
            SessionCount = (int)wire.SessionCount,
            Problems = [.. wire.Problems],
        };
    }

    /// <summary>
    /// Sends what was submitted and closes the connection. Tasks go on; waits for them fail. What the client holds of
    /// queues, pipes, shared state and memory is released.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync().ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _daemon.Dispose();
    }
}
