using System.Globalization;

namespace Queued.Cli.Input;

/// <summary>Durations as people write them: 500ms, 1.5s, 90 (seconds), 1h30m, 2d.</summary>
internal static class DurationText
{
    public const string Expected = "a duration such as 500ms, 30s, 1h30m or 2d";

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        text = text.Trim();
        if (text.IsEmpty)
            return false;
        if (TryNumber(text, out double seconds))
            return TryAdd(ref duration, seconds, TimeSpan.TicksPerSecond);

        // Units go down from left to right, so that "1m1h" is the mistake it looks like.
        long ticksBefore = long.MaxValue;
        while (!text.IsEmpty)
        {
            int digits = text.IndexOfAnyExcept(SizeText.NumberCharacters);
            if (digits <= 0 || !TryNumber(text[..digits], out double count))
                return false;
            text = text[digits..];
            int letters = text.IndexOfAny(SizeText.NumberCharacters);
            if (letters < 0)
                letters = text.Length;
            long ticks = TicksOf(text[..letters]);
            if (ticks == 0 || ticks >= ticksBefore || !TryAdd(ref duration, count, ticks))
                return false;
            ticksBefore = ticks;
            text = text[letters..];
        }

        return true;
    }

    private static long TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "us" => TimeSpan.TicksPerMicrosecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        "d" => TimeSpan.TicksPerDay,
        _ => 0,
    };

    private static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
        && double.IsFinite(number);

    private static bool TryAdd(ref TimeSpan duration, double count, long ticks)
    {
        double sum = duration.Ticks + (count * ticks);
        if (sum >= long.MaxValue)
            return false;
        duration = TimeSpan.FromTicks((long)Math.Round(sum));
        return true;
    }
}
