using System.Globalization;
using Queued.Client;

namespace Queued.Cli.Rendering;

/// <summary>Numbers, times and names of constants as people read them.</summary>
internal static class Words
{
    private static readonly string[] SizeUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string? Number(long? value) => value is { } known ? Number(known) : null;

    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>Nothing for zero: such a field is left out.</summary>
    public static string? NumberOrNone(long value) => value == 0 ? null : Number(value);

    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string? Time(DateTimeOffset? time) => time is { } known ? Time(known) : null;

    /// <summary>The two greatest units: 1h2m, 3.2s, 15ms.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
            return "-" + Duration(duration.Negate());
        FormattableString text = duration switch
        {
            { TotalDays: >= 1, Hours: > 0 } => $"{(int)duration.TotalDays}d{duration.Hours}h",
            { TotalDays: >= 1 } => $"{(int)duration.TotalDays}d",
            { TotalHours: >= 1, Minutes: > 0 } => $"{(int)duration.TotalHours}h{duration.Minutes}m",
            { TotalHours: >= 1 } => $"{(int)duration.TotalHours}h",
            { TotalMinutes: >= 1, Seconds: > 0 } => $"{(int)duration.TotalMinutes}m{duration.Seconds}s",
            { TotalMinutes: >= 1 } => $"{(int)duration.TotalMinutes}m",
            { TotalSeconds: >= 1 } => $"{duration.TotalSeconds:0.#}s",
            { Ticks: 0 } => $"0s",
            { TotalMilliseconds: >= 1 } => $"{(int)duration.TotalMilliseconds}ms",
            _ => $"{duration.TotalMicroseconds:0}us",
        };
        return FormattableString.Invariant(text);
    }

    public static string? Duration(TimeSpan? duration) => duration is { } known ? Duration(known) : null;

    public static string Size(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < SizeUnits.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {SizeUnits[unit]}");
    }

    /// <summary>Nothing for zero, which means "not set" or "not known".</summary>
    public static string? SizeOrNone(long? bytes) => bytes is null or 0 ? null : Size(bytes.Value);

    public static string Labels(IEnumerable<KeyValuePair<string, string>> labels) =>
        string.Join(' ', labels
            .OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => $"{label.Key}={label.Value}"));

    public static string Signal(int number) => number switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        31 => "SIGSYS",
        _ => "signal " + Number(number),
    };

    /// <summary>TimedOut → timed_out: the one spelling, in tables, in JSON and on the command line.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => value is FailureKind.OutOfMemory ? "oom" : Snake(value.ToString());

    public static string Snake(string name)
    {
        var text = new System.Text.StringBuilder(name.Length + 4);
        for (int index = 0; index < name.Length; index++)
        {
            if (char.IsUpper(name[index]) && index > 0 && char.IsLower(name[index - 1]))
                text.Append('_');
            text.Append(char.ToLowerInvariant(name[index]));
        }

        return text.ToString();
    }
}
