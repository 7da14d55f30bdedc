using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Queued.Client.Wire;

/// <summary>The small values of the contract, there and back.</summary>
internal static class Scalars
{
    public static Duration? ToDuration(this TimeSpan? value) => value is { } span ? Duration.FromTimeSpan(span) : null;

    public static Timestamp? ToTimestamp(this DateTimeOffset? value) =>
        value is { } time ? Timestamp.FromDateTimeOffset(time) : null;

    public static DateTimeOffset? ToTime(this Timestamp? value) => value?.ToDateTimeOffset();

    public static TimeSpan? ToSpan(this Duration? value) => value?.ToTimeSpan();

    /// <summary>0 on the wire is null here.</summary>
    public static int? NullIfZero(this uint value) => value == 0 ? null : (int)value;

    /// <inheritdoc cref="NullIfZero(uint)"/>
    public static long? NullIfZero(this ulong value) => value == 0 ? null : (long)value;

    /// <summary>A number that the wire has without a sign.</summary>
    public static uint ToCount(this int value, string field) => value >= 0
        ? (uint)value
        : throw ErrorMapping.Make(
            new ErrorDetails("INVALID_REQUEST", $"{field} is {value}; it must not be negative.") { Field = field });

    /// <inheritdoc cref="ToCount(int, string)"/>
    public static ulong ToCount(this long value, string field) => value >= 0
        ? (ulong)value
        : throw ErrorMapping.Make(
            new ErrorDetails("INVALID_REQUEST", $"{field} is {value}; it must not be negative.") { Field = field });

    public static void AddAll(this MapField<string, string> map, IReadOnlyDictionary<string, string>? values)
    {
        if (values is null)
            return;
        foreach (var (key, value) in values)
            map[key] = value;
    }

    public static IReadOnlyDictionary<string, string> ToDictionary(this MapField<string, string> map) =>
        map.Count == 0 ? NoStrings : new Dictionary<string, string>(map, StringComparer.Ordinal);

    public static Protocol.V1.Payload ToWire(this TaskPayload payload) => new()
    {
        Data = UnsafeByteOperations.UnsafeWrap(payload.Data),
        ContentType = payload.ContentType ?? "",
    };

    public static TaskPayload ToPayload(this Protocol.V1.Payload payload) =>
        new(payload.Data.Memory, payload.ContentType);

    private static readonly Dictionary<string, string> NoStrings = new(0);
}
