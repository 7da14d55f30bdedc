using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Queued.Client.Sessions;
using Queued.Worker.Memory;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A segment of memory that this process shares with others, open until it is disposed of. What one writes the others
/// see at once, in no order that is promised: agree on who writes when, with a lock or an event.
/// </summary>
/// <remarks>
/// A span is a view of the mapping itself and not counted: it must not be used after <see cref="DisposeAsync"/> or
/// <see cref="ResizeAsync"/> has begun. Take a new one for each use; that is as fast as keeping one, and throws when
/// the segment is closed.
/// </remarks>
public sealed class SharedMemory : IAsyncDisposable
{
    private readonly SessionConnection _connection;
    private readonly SemaphoreSlim _resizing = new(1, 1);
    private volatile SegmentMapping? _mapping;
    private long _length;

    private SharedMemory(SessionConnection connection, Proto.Segment segment, SegmentMapping mapping)
    {
        _connection = connection;
        _mapping = mapping;
        _length = mapping.Length;
        Id = (long)segment.SegmentId;
        Name = segment.Name.Length == 0 ? null : segment.Name;
        Path = segment.Path;
    }

    /// <summary>Its number, by which others can open it. Never given twice.</summary>
    public long Id { get; }

    /// <summary>The name that it was opened by. Null: it had none.</summary>
    public string? Name { get; }

    /// <summary>Path of its file, for programs that map it by themselves.</summary>
    public string Path { get; }

    /// <summary>Its length in bytes, as it is mapped here.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>
    /// Cancelled when the session with the daemon has ended. The bytes stay readable here until this is disposed of,
    /// but nobody else can open the segment any more, unless others have it open.
    /// </summary>
    public CancellationToken Lost => _connection.Lost;

    /// <summary>All of it.</summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    /// <exception cref="InvalidOperationException">
    /// It is longer than a span can be (2 GiB): take parts of it with <see cref="GetSpan(long, int)"/>.
    /// </exception>
    public Span<byte> Span
    {
        get
        {
            var length = Length;
            if (length > int.MaxValue)
            {
                throw new InvalidOperationException(
                    $"The segment has {length} bytes, more than a span can have. Take parts of it with GetSpan.");
            }

            return GetSpan(0, (int)length);
        }
    }

    /// <summary>A part of it.</summary>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="ObjectDisposedException">The segment was closed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It reaches beyond the end.</exception>
    public unsafe Span<byte> GetSpan(long offset, int length)
    {
        var mapping = _mapping;
        ObjectDisposedException.ThrowIf(mapping is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Math.Min(Length, mapping.Length) - length);
        return new Span<byte>(mapping.Address + offset, length);
    }

    /// <summary>All of it, as values; what is left over at the end is not in the span.</summary>
    /// <typeparam name="T">A type that is the same bytes in every process: no pointer, and no reference.</typeparam>
    /// <exception cref="ObjectDisposedException">The segment was closed.</exception>
    public Span<T> GetSpan<T>()
        where T : unmanaged => GetSpan<T>(0, checked((int)(Length / Unsafe.SizeOf<T>())));

    /// <summary>A part of it, as values.</summary>
    /// <typeparam name="T">A type that is the same bytes in every process: no pointer, and no reference.</typeparam>
    /// <param name="offset">Where it begins, in bytes.</param>
    /// <param name="count">How many values.</param>
    /// <exception cref="ObjectDisposedException">The segment was closed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It reaches beyond the end.</exception>
    public unsafe Span<T> GetSpan<T>(long offset, int count)
        where T : unmanaged
    {
        var mapping = _mapping;
        ObjectDisposedException.ThrowIf(mapping is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            offset, Math.Min(Length, mapping.Length) - ((long)count * sizeof(T)));
        return new Span<T>(mapping.Address + offset, count);
    }

    /// <summary>
    /// Makes the segment longer, with zeros at the end, or shorter. Others that have it open see the new length when
    /// they open it again. Spans that were taken before must not be used any more.
    /// </summary>
    /// <param name="bytes">Its new length, 1 byte to the daemon's limit <c>segment_bytes_max</c>.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="PreconditionFailedException">It would be shorter, and others have it open.</exception>
    /// <exception cref="CapacityExceededException">
    /// It would be longer than a limit allows, or the machine has no room for it; it is as it was.
    /// </exception>
    public async Task ResizeAsync(long bytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        await _resizing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var before = _mapping;
            ObjectDisposedException.ThrowIf(before is null, this);
            // Nobody may take a span of what is about to be cut off.
            if (bytes < before.Length)
                Volatile.Write(ref _length, bytes);
            try
            {
                await _connection.CallAsync(
                    new Proto.SessionOperation
                    {
                        ResizeSegment = new Proto.ResizeSegmentRequest
                        {
                            SegmentId = (ulong)Id,
                            SizeBytes = (ulong)bytes,
                        },
                    },
                    // Its end must be known here, and so must its length.
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (QueuedException)
            {
                Volatile.Write(ref _length, before.Length);
                throw;
            }

            Exchange(before, SegmentMapping.Open(Path, bytes));
        }
        finally
        {
            _resizing.Release();
        }
    }

    /// <summary>Takes the name away: nobody can open it by that any more. Who has it open keeps it.</summary>
    /// <param name="cancellationToken">Stops the call, not what it has changed.</param>
    /// <exception cref="SegmentNotFoundException">It has no name any more.</exception>
    /// <exception cref="InvalidOperationException">It never had one.</exception>
    public Task UnlinkAsync(CancellationToken cancellationToken = default) => Name is null
        ? throw new InvalidOperationException("The segment has no name.")
        : UnlinkAsync(_connection, Name, cancellationToken);

    /// <summary>
    /// Closes and unmaps it. When this completes the daemon knows: if nobody else has it open, its memory and its name
    /// are free.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _mapping, null) is not { } mapping)
            return;
        mapping.Dispose();
        try
        {
            await CloseAsync(_connection, (ulong)Id).ConfigureAwait(false);
        }
        catch (QueuedException)
        {
            // The session has ended, and has closed it by that.
        }
    }

    internal static Task UnlinkAsync(
        SessionConnection connection, string name, CancellationToken cancellationToken) => connection.CallAsync(
        new Proto.SessionOperation { UnlinkSegment = new Proto.UnlinkSegmentRequest { Name = name } },
        cancellationToken);

    /// <summary>Maps what was made or opened, or gives it back.</summary>
    internal static async Task<SharedMemory> MapAsync(SessionConnection connection, Proto.Segment segment)
    {
        try
        {
            return new SharedMemory(
                connection, segment, SegmentMapping.Open(segment.Path, (long)segment.SizeBytes));
        }
        catch (IOException exception)
        {
            await CloseAsync(connection, segment.SegmentId).ConfigureAwait(false);
            throw new IOException(
                "Shared memory can be used on the daemon's machine alone, by who may use the daemon's socket: "
                + exception.Message,
                exception);
        }
    }

    private static Task<Proto.SessionResult> CloseAsync(SessionConnection connection, ulong id) => connection.CallAsync(
        new Proto.SessionOperation { CloseSegment = new Proto.CloseSegmentRequest { SegmentId = id } },
        CancellationToken.None);

    [SuppressMessage("Usage", "CA2000:Dispose objects before losing scope", Justification = "One of the two is kept.")]
    private void Exchange(SegmentMapping before, SegmentMapping after)
    {
        if (Interlocked.CompareExchange(ref _mapping, after, before) == before)
        {
            Volatile.Write(ref _length, after.Length);
            before.Dispose();
        }
        else
        {
            // It was closed meanwhile.
            after.Dispose();
        }
    }
}
