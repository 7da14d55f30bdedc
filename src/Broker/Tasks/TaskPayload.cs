namespace Queued.Broker;

/// <summary>
/// Opaque bytes and their media type. The core never looks inside. They are here, in the store, or in a memory segment.
/// </summary>
public readonly record struct TaskPayload(ReadOnlyMemory<byte> Data, string ContentType)
{
    public static readonly TaskPayload Empty = new(ReadOnlyMemory<byte>.Empty, "");

    private readonly int _storedLength;

    private TaskPayload(int storedLength, string contentType)
        : this(ReadOnlyMemory<byte>.Empty, contentType) => _storedLength = storedLength;

    /// <summary>
    /// Where the bytes are in shared memory; <see cref="Data"/> is empty then. Null: they are not there.
    /// </summary>
    public SegmentRange? Range { get; private init; }

    /// <summary>Of an effect: the bytes are to be read from their segment, because who gets them cannot.</summary>
    public bool IsToBeRead { get; private init; }

    /// <summary>Bytes, wherever they are.</summary>
    public int Length => Data.Length + (Range?.Length ?? _storedLength);

    /// <summary>The bytes are in the store alone; <see cref="Data"/> is empty.</summary>
    public bool IsStored => _storedLength > 0;

    /// <summary>A payload whose bytes are in the store. One of no bytes is complete without them.</summary>
    public static TaskPayload Stored(int length, string contentType) => new(length, contentType);

    /// <summary>A payload whose bytes are in a memory segment.</summary>
    public static TaskPayload InSegment(SegmentRange range, string contentType) =>
        new(0, contentType) { Range = range };

    public TaskPayload ToStored() => Stored(Length, ContentType);

    /// <summary>For who cannot map segments.</summary>
    public TaskPayload ToRead() => Range is null ? this : this with { IsToBeRead = true };
}

/// <summary>Bytes in a memory segment.</summary>
/// <param name="Length">At least 1.</param>
/// <param name="Fingerprint">Tells other content, as <see cref="IdempotencyRecord.FingerprintOf"/> does. 0: not
/// known.</param>
public sealed record SegmentRange(SegmentId Segment, long Offset, int Length, UInt128 Fingerprint);
