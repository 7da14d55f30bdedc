using System.Globalization;

namespace Queued.Broker;

/// <summary>What a shared object, and what is put into it, must look like.</summary>
internal static class StateRules
{
    /// <summary>What an entry of a map or a list counts beside its bytes, for the room that it takes here.</summary>
    public const int EntryBytes = 64;

    /// <summary>The shortest lease: what is shorter is over before anybody hears of it.</summary>
    private static readonly TimeSpan LeaseMin = TimeSpan.FromMilliseconds(10);

    public static Rejection? Check(string name, StateSettings settings, BrokerLimits limits)
    {
        var kind = settings.Kind;
        var hasPermits = kind is StateKind.Semaphore or StateKind.BoundedSemaphore;
        var permitsMin = kind == StateKind.BoundedSemaphore ? 1 : 0;
        var permitsMax = hasPermits ? limits.PermitsMax : 0;
        var isArray = kind == StateKind.Array;
        return SubmissionRules.CheckName("name", name, limits) ??
            (!Enum.IsDefined(kind) ? Rejections.Invalid("kind", "There is no such kind of shared object.") : null) ??
            Between("permits", settings.Permits, permitsMin, permitsMax, nameof(BrokerLimits.PermitsMax)) ??
            (kind == StateKind.Barrier
                ? Between("parties", settings.Parties, 1, limits.PartiesMax, nameof(BrokerLimits.PartiesMax))
                : Between("parties", settings.Parties, 0, 0, null)) ??
            (isArray
                ? Between(
                    "element_bytes", settings.ElementBytes, 1, limits.ElementBytesMax,
                    nameof(BrokerLimits.ElementBytesMax))
                : Between("element_bytes", settings.ElementBytes, 0, 0, null)) ??
            Between("length", settings.Length, isArray ? 1 : 0, isArray ? int.MaxValue : 0, null) ??
            (kind != StateKind.Counter && settings.Initial != 0
                ? Rejections.Invalid("initial", "Only a counter has an initial value.")
                : null);
    }

    /// <summary>The field in which the two differ. Null: they are the same.</summary>
    public static string? Difference(StateSettings left, StateSettings right) =>
        left.Permits != right.Permits ? "permits"
        : left.Parties != right.Parties ? "parties"
        : left.Length != right.Length ? "length"
        : left.ElementBytes != right.ElementBytes ? "element_bytes"
        : left.Initial != right.Initial ? "initial"
        : null;

    public static Rejection? CheckLease(TimeSpan? lease, BrokerLimits limits) =>
        lease is not { } span || (span >= LeaseMin && span <= limits.GrantLeaseMax)
            ? null
            : Rejections.Invalid("lease", string.Create(
                CultureInfo.InvariantCulture,
                $"The lease must be between {LeaseMin.TotalMilliseconds} ms and {limits.GrantLeaseMax}."));

    public static Rejection? CheckPayload(string field, TaskPayload payload, BrokerLimits limits)
    {
        if (Rejections.CheckInline(payload, $"{field}.") is { } elsewhere) return elsewhere;
        if (payload.Length > limits.StateValueBytesMax)
        {
            return new Rejection(
                RejectionReason.PayloadTooLarge,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {field} has {payload.Length} bytes; at most {limits.StateValueBytesMax} are taken " +
                    $"({nameof(BrokerLimits.StateValueBytesMax)}). Put it into shared memory."),
                $"{field}.data", nameof(BrokerLimits.StateValueBytesMax));
        }

        return payload.ContentType.Length <= limits.ContentTypeLengthMax ? null : Rejections.Invalid(
            $"{field}.content_type", $"The content_type must be at most {limits.ContentTypeLengthMax} characters.");
    }

    public static Rejection? CheckKey(string field, string key, BrokerLimits limits) =>
        key.Length > 0 && key.Length <= limits.KeyLengthMax ? null : Rejections.Invalid(
            field, $"The key must be 1 to {limits.KeyLengthMax} characters.");

    public static Rejection? CheckBatch(string field, int count, BrokerLimits limits) =>
        count <= limits.StateBatchMax ? null : Rejections.Invalid(field, string.Create(
            CultureInfo.InvariantCulture,
            $"{field} has {count} where at most {limits.StateBatchMax} are taken " +
            $"({nameof(BrokerLimits.StateBatchMax)}" +
            $"). Take several steps.")) with
        { Resource = nameof(BrokerLimits.StateBatchMax) };

    public static long BytesOf(TaskPayload payload) => payload.Length + (2L * payload.ContentType.Length);

    private static Rejection? Between(string field, int value, int low, int high, string? limit)
    {
        if (value >= low && value <= high) return null;
        var text = high == 0 ? $"{field} must be 0 for this kind."
            : string.Create(CultureInfo.InvariantCulture, $"{field} must be between {low} and {high}.");
        return Rejections.Invalid(field, text) with { Resource = value > high && high > 0 ? limit : null };
    }
}
