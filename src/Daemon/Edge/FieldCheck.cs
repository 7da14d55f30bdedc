using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Queued.Broker;

namespace Queued.Daemon.Edge;

/// <summary>
/// Reads fields of one message into the core's types. Values that these cannot hold are found here; whether a value is
/// allowed is the core's to say. The first bad field counts.
/// </summary>
/// <param name="prefix">Path of the message in the request, with its dot. Empty: the request itself.</param>
internal struct FieldCheck(string prefix)
{
    private const long DurationSecondsMax = 315_576_000_000;
    private const long TimestampSecondsMin = -62_135_596_800;
    private const long TimestampSecondsMax = 253_402_300_799;
    private const int NanosPerSecond = 1_000_000_000;

    public Rejection? Rejection { get; private set; }

    public readonly void ThrowIfBad()
    {
        if (Rejection is not null) throw RpcErrors.ToException(Rejection);
    }

    public void Reject(string field, string message) => Rejection ??= RpcErrors.Invalid(prefix + field, message);

    public void Reject(RejectionReason reason, string field, string message, string? resource = null) =>
        Rejection ??= new Rejection(reason, message, prefix + field, resource);

    public TimeSpan? Duration(Duration? value, string field)
    {
        if (value is null) return null;
        var isInRange = value.Seconds is >= -DurationSecondsMax and <= DurationSecondsMax &&
            value.Nanos is > -NanosPerSecond and < NanosPerSecond &&
            (value.Seconds == 0 || value.Nanos == 0 || value.Seconds < 0 == value.Nanos < 0);
        if (isInRange) return new TimeSpan((value.Seconds * TimeSpan.TicksPerSecond) + (value.Nanos / 100));

        Reject(field, $"{prefix}{field} is not a duration: {value.Seconds} s and {value.Nanos} ns. " +
            "Seconds and nanoseconds have the same sign, and these are less than a second.");
        return null;
    }

    public DateTimeOffset? Time(Timestamp? value, string field)
    {
        if (value is null) return null;
        if (value.Seconds is >= TimestampSecondsMin and <= TimestampSecondsMax &&
            value.Nanos is >= 0 and < NanosPerSecond)
        {
            return DateTimeOffset.UnixEpoch.AddTicks((value.Seconds * TimeSpan.TicksPerSecond) + (value.Nanos / 100));
        }

        Reject(field, $"{prefix}{field} is not a time of the years 1 to 9999: {value.Seconds} s and {value.Nanos} ns.");
        return null;
    }

    public double Number(double value, string field)
    {
        if (double.IsFinite(value)) return value;
        Reject(field, $"{prefix}{field} is {value}, which is not a number.");
        return 0;
    }

    /// <summary>Empty: none was given.</summary>
    public string AbsolutePath(string path, string field)
    {
        if (path.Length > 0 && !Path.IsPathFullyQualified(path))
            Reject(field, $"{prefix}{field} is '{path}', which is not an absolute path.");
        return path;
    }

    /// <summary>What the core's type cannot hold becomes its greatest value, which no limit allows.</summary>
    public static int Int(uint value) => (int)Math.Min(value, int.MaxValue);

    public static long Long(ulong value) => (long)Math.Min(value, long.MaxValue);

    public TaskId Task(ulong value, string field)
    {
        if (value == 0) Reject(field, $"{prefix}{field} is 0. Numbers of tasks are above 0.");
        return new TaskId(value);
    }

    public TaskId? TaskToken(string token, string field)
    {
        if (token.Length == 0) return null;
        if (ulong.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return new TaskId(value);
        }

        Reject(field, $"{prefix}{field} is not a token of this list. Pass on next_page_token as it was given.");
        return null;
    }

    public WorkerId Worker(string text, string field)
    {
        if (WorkerId.TryParse(text, out var id)) return id;
        Reject(
            field,
            $"{prefix}{field} is '{text}', which is not a worker's id. "
            + "Ids look like w7; the list of workers has them.");
        return default;
    }
}
