namespace Queued.Client;

/// <summary>What a queue of messages is made with, where it is not there.</summary>
public sealed record MessageQueueOptions
{
    /// <summary>
    /// Its settings. Null: all defaults, and in memory; durable where <see cref="QueuePolicy.Durability"/> says so. A
    /// queue that is there keeps its own.
    /// </summary>
    public QueuePolicy? Policy { get; init; }

    /// <summary>
    /// True: where it has to be made, it is in memory and gone, with all in it, when the last client that uses it has
    /// disposed of its handles, was disposed itself, or has died. Default: false.
    /// </summary>
    public bool Ephemeral { get; init; }
}

/// <summary>All of a put but the message itself.</summary>
public sealed record PutOptions
{
    /// <summary>-128 to 127; higher comes first. Default: 0.</summary>
    public int Priority { get; init; }

    /// <summary>Not before so much time has passed, 0 to 365 days. Null: at once.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>
    /// A put with the same key within its time adds nothing; at most 256 characters. Null: none. With other content it
    /// is a <see cref="ConflictException"/>.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>How long the key is remembered, more than 0 to 30 days. Null: 1 day.</summary>
    public TimeSpan? IdempotencyTtl { get; init; }

    /// <summary>For people and filters, at most 16.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>
    /// How long a put waits for room where the queue is full, 0 or more. Null: without an end for
    /// <see cref="MessageQueue{T}.PutAsync(T, PutOptions?, CancellationToken)"/>, not at all for
    /// <see cref="MessageQueue{T}.TryPutAsync"/>.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>All of a get that leases its message.</summary>
public sealed record ReceiveOptions
{
    /// <summary>
    /// The lease ends after so much time, 1 second to 30 days, also while this client lives, unless it is extended.
    /// Null: it lasts as long as the client.
    /// </summary>
    public TimeSpan? Lease { get; init; }
}
