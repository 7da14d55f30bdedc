using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>Keeps what a restart needs. Changes arrive in order, those of one turn together.</summary>
internal interface IStore : IAsyncDisposable
{
    /// <summary>What the store has. Called once, before anything is appended.</summary>
    BrokerSnapshot Load();

    /// <summary>
    /// With <paramref name="mustFlush"/> completes when the changes cannot be lost any more; without, when they are in
    /// the store's hands. Throws <see cref="StoreFailedException"/>; that ends the daemon: nothing it had to say is
    /// said.
    /// </summary>
    ValueTask AppendAsync(IReadOnlyList<Change> changes, bool mustFlush);

    /// <summary>
    /// The bytes of a payload that was appended before. Throws <see cref="PayloadLostException"/> where they cannot be
    /// read.
    /// </summary>
    ValueTask<TaskPayload> ReadPayloadAsync(TaskId task, PayloadKind kind);

    /// <summary>
    /// Writes a copy of everything that is durable now to a new file, while work goes on; its size in bytes. Throws
    /// <see cref="BackupFailedException"/>.
    /// </summary>
    Task<long> BackupAsync(string path, CancellationToken cancellationToken);

    /// <summary>Nothing is stored until there is room on the disk.</summary>
    bool IsFull => false;

    /// <summary>So much waits to be stored that nobody should go on before it is.</summary>
    bool IsCrowded => false;

    /// <summary>From now on a full disk is a failure: nobody waits until there is room.</summary>
    void StopWaitingForRoom()
    {
    }

    /// <summary>What is wrong with the store, one sentence each.</summary>
    IReadOnlyList<string> Problems { get; }

    /// <summary>
    /// Raised when the room for new tasks has ended (true) or is there again (false), and when <see cref="IsFull"/>
    /// has changed, on any thread.
    /// </summary>
    event Action<bool>? SpaceChanged;

    /// <summary>
    /// Raised, on any thread, when the payloads of appended changes that are in memory segments were copied, or are not
    /// needed any more: one number for each.
    /// </summary>
    event Action<IReadOnlyList<SegmentId>>? SegmentsRead;

    /// <summary>
    /// Raised once, on any thread, when the store has given up. Nothing is stored from then on: every append throws.
    /// </summary>
    event Action<Exception>? Failed;
}

/// <summary>A payload is damaged or missing; the message says which and how.</summary>
internal sealed class PayloadLostException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A backup was not made; the message says why, and the file is not there.</summary>
internal sealed class BackupFailedException(string message, Exception? inner = null) : Exception(message, inner);
