using System.Globalization;

namespace Queued.Broker;

/// <summary>What is refused of memory segments, and how that is said.</summary>
internal static class SegmentRules
{
    public static Rejection? CheckName(string name, BrokerLimits limits) => Names.IsValid(name, limits.NameLengthMax)
        ? null
        : Rejections.Invalid(
            "name", $"The name must be 1 to {limits.NameLengthMax} characters of A-Z, a-z, 0-9, '.', '_' and '-'.");

    public static Rejection? CheckBytes(long bytes, BrokerLimits limits)
    {
        if (bytes < 1) return Rejections.Invalid("size_bytes", "size_bytes must be at least 1.");
        if (bytes <= limits.SegmentBytesMax) return null;
        return new Rejection(
            RejectionReason.LimitReached,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The segment would have {bytes} bytes; one has at most {limits.SegmentBytesMax} " +
                $"(segment_bytes_max). Share the data out over several, or raise the limit."),
            "size_bytes", nameof(BrokerLimits.SegmentBytesMax));
    }

    public static Rejection TotalReached(long bytes, long total, BrokerLimits limits) => new(
        RejectionReason.LimitReached,
        string.Create(
            CultureInfo.InvariantCulture,
            $"All segments together have {total} bytes; with {bytes} more it would be above the limit of " +
            $"{limits.SegmentBytesTotalMax} (segment_bytes_total_max). Close segments that are not needed, or " +
            $"raise it."),
        "size_bytes", nameof(BrokerLimits.SegmentBytesTotalMax));

    public static Rejection Exists(string name) => new(
        RejectionReason.SegmentExists,
        $"There is a segment '{name}' already. Open it, or take another name.",
        "name", name);

    public static Rejection NotFound(string name) => new(
        RejectionReason.SegmentNotFound,
        $"There is no segment '{name}', or nobody uses it any more. Create it, and keep it open as long as it " +
        "is needed.",
        "name", name);

    public static Rejection NotFound(SegmentId id) => new(
        RejectionReason.SegmentNotFound,
        $"There is no segment {id}, or the session does not use it. Open it by its name.",
        "segment_id", id.ToString());

    public static Rejection NotThere(SegmentRange range) => new(
        RejectionReason.SegmentNotFound,
        string.Create(
            CultureInfo.InvariantCulture,
            $"There are no {range.Length} bytes at {range.Offset} of a segment {range.Segment}. Keep the " +
            $"segment open until the task is taken."),
        "payload.segment", range.Segment.ToString());

    public static Rejection TooLargeToStore(SegmentRange range, BrokerLimits limits) => new(
        RejectionReason.PayloadTooLarge,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The payload has {range.Length} bytes; a durable queue takes at most {limits.StoredPayloadBytesMax} " +
            $"(stored_payload_bytes_max). Use a memory queue, or pass a reference to a file."),
        "payload.segment.length", nameof(BrokerLimits.StoredPayloadBytesMax));

    public static Rejection InUse(SegmentEntry segment) => new(
        RejectionReason.StateInUse,
        $"Segment {segment.Id} cannot be made shorter while it is open elsewhere: who has it mapped would fall off " +
        "its end. Have the others close it first.",
        "size_bytes", segment.Id.ToString());

    public static Rejection NoRoom(SegmentEntry segment, string error) => new(
        RejectionReason.MemoryFull,
        $"The machine has no room for {segment.BytesCounted} bytes of shared memory: {error}. Close segments " +
        "that are " +
        "not needed, or make /dev/shm larger.",
        "size_bytes");
}
