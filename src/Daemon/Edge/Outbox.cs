using Grpc.Core;
using Queued.Daemon.Loop;
using Queued.Protocol.Streams;

namespace Queued.Daemon.Edge;

/// <summary>How entries become a message.</summary>
internal interface IOutboxFormat<TMessage>
{
    TMessage Create();

    void Append(TMessage message, object entry);

    /// <summary>The message is full; it will be written next.</summary>
    /// <param name="message">The message.</param>
    /// <param name="credits">How many credits the entries in it give back.</param>
    void Seal(TMessage message, int credits);
}

/// <summary>
/// What waits to be written to a stream. Batches have no timer: what came while the last write was under way is the
/// next message, so a lone entry leaves at once and load makes messages grow. Entries are added by anybody; one caller
/// runs it.
/// </summary>
internal sealed class Outbox<TMessage>(IOutboxFormat<TMessage> format)
    where TMessage : class
{
    private const int MessageBytesMax = 256 * 1024;
    private const int MessageEntriesMax = 1024;
    private const int EntryOverhead = 64;

    /// <summary>Free entries that wait before whoever causes them has to wait too.</summary>
    private const int CrowdedEntries = 16 * 1024;

    /// <summary>The same for their bytes.</summary>
    private const long CrowdedBytes = 16 * 1024 * 1024;

    private readonly Queue<Entry> _free = new();
    private readonly Queue<Entry> _gated = new();
    private readonly WriterSignal _added = new();
    private readonly Signal _drained = new();
    private readonly Lock _gate = new();
    private long _freeBytes;
    private long _credits;
    private int _uncounted;

    /// <summary>Something waits for company, or does so no more since it has it.</summary>
    private bool _hasLate;
    private bool _isCompleted;

    /// <summary>Entries that wait for the peer's credits and give back none, so that no window bounds them.</summary>
    public int UncountedCount
    {
        get
        {
            lock (_gate) return _uncounted;
        }
    }

    /// <param name="entry">What is said.</param>
    /// <param name="bytes">About how long it is.</param>
    /// <param name="givesBack">Credits that the peer has again when it was written.</param>
    public void Add(object entry, int bytes, int givesBack = 0)
    {
        lock (_gate) Enqueue(entry, bytes, givesBack);
        _added.Set(bytes);
    }

    /// <summary>
    /// Adds what goes out with whatever is added next, or with <see cref="SendLate"/>: the caller sees to it.
    /// </summary>
    public void AddLate(object entry, int bytes, int givesBack)
    {
        lock (_gate)
        {
            Enqueue(entry, bytes, givesBack);
            _hasLate = true;
        }
    }

    public void SendLate()
    {
        lock (_gate)
        {
            if (_free.Count == 0) return;
        }

        _added.Set();
    }

    /// <summary>Adds what only goes out against one of the peer's credits.</summary>
    public void AddGated(object entry, int bytes, bool givesBack)
    {
        lock (_gate)
        {
            _gated.Enqueue(new Entry(entry, bytes, givesBack ? 1 : 0));
            if (!givesBack) _uncounted++;
        }

        _added.Set(bytes);
    }

    /// <summary>The peer takes this many gated entries more.</summary>
    public void Grant(uint credits)
    {
        if (credits == 0) return;
        lock (_gate) _credits += credits;
        _added.Set();
    }

    /// <summary>No more is added; what may go out still does, then <see cref="RunAsync"/> ends.</summary>
    public void Complete()
    {
        lock (_gate) _isCompleted = true;
        _added.Set();
    }

    /// <summary>
    /// Waits until a peer that does not read has read. For the reader, so that what it causes stays bounded.
    /// </summary>
    public async ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (IsCrowded()) await _drained.WaitAsync(cancellationToken);
    }

    /// <param name="writer">The stream.</param>
    /// <param name="stop">Nothing more is written, but for what was added late, with whatever goes with it.</param>
    /// <param name="abort">Cuts a write that is under way, and the connection with it.</param>
    public async Task RunAsync(IAsyncStreamWriter<TMessage> writer, CancellationToken stop, CancellationToken abort)
    {
        await using var stopped = stop.UnsafeRegister(static signal => ((WriterSignal)signal!).Set(), _added);
        var thread = new WriterThread();
        while (true)
        {
            if (Take() is { } message)
            {
                await thread.ForMessage();
                await thread.Writing(writer.WriteAsync(message, abort));
                _drained.Set();
            }
            else if (IsFinished())
            {
                return;
            }
            else
            {
                await thread.Waiting(_added.WaitAsync());
            }

            if (!stop.IsCancellationRequested) continue;
            await WriteLastAsync(writer, abort);
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// What waits for company finds none any more, and is true: such as an ack, without which nobody would know of a
    /// task that was taken.
    /// </summary>
    private async Task WriteLastAsync(IAsyncStreamWriter<TMessage> writer, CancellationToken abort)
    {
        try
        {
            while (HasLate() && Take() is { } last) await writer.WriteAsync(last, abort);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or RpcException)
        {
            // The peer has gone, perhaps, and that is why it was stopped.
        }
    }

    private bool HasLate()
    {
        lock (_gate) return _hasLate;
    }

    private TMessage? Take()
    {
        TMessage? message = null;
        var (bytes, entries, givenBack) = (0L, 0, 0);
        lock (_gate)
        {
            while (entries < MessageEntriesMax && bytes < MessageBytesMax && TryDequeue(out var entry))
            {
                message ??= format.Create();
                format.Append(message, entry.What);
                bytes += entry.Bytes + EntryOverhead;
                entries++;
                givenBack += entry.GivesBack;
            }

            _hasLate &= _free.Count > 0;
        }

        if (message is not null) format.Seal(message, givenBack);
        return message;
    }

    private void Enqueue(object entry, int bytes, int givesBack)
    {
        _free.Enqueue(new Entry(entry, bytes, givesBack));
        _freeBytes += bytes;
    }

    private bool TryDequeue(out Entry entry)
    {
        if (_free.TryDequeue(out entry))
        {
            _freeBytes -= entry.Bytes;
            return true;
        }

        if (_credits == 0 || !_gated.TryDequeue(out entry)) return false;
        _credits--;
        if (entry.GivesBack == 0) _uncounted--;
        return true;
    }

    private bool IsCrowded()
    {
        lock (_gate) return _free.Count > CrowdedEntries || _freeBytes > CrowdedBytes;
    }

    private bool IsFinished()
    {
        lock (_gate) return _isCompleted && _free.Count == 0 && (_gated.Count == 0 || _credits == 0);
    }

    private readonly record struct Entry(object What, int Bytes, int GivesBack);
}
