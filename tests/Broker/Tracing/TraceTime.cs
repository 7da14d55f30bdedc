using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>Spans as people write them: <c>5s</c>, <c>1m30s</c>, <c>200ms</c>.</summary>
internal static class TraceTime
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)), ("ms", TimeSpan.FromMilliseconds(1)), ("us", TimeSpan.FromMicroseconds(1)),
    ];

    public static TimeSpan Parse(string text)
    {
        if (text is ['-', .. var rest]) return -Parse(rest);
        var total = TimeSpan.Zero;
        for (var at = 0; at < text.Length;)
        {
            var digits = at;
            while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
            var end = digits;
            while (end < text.Length && char.IsAsciiLetter(text[end])) end++;
            var unit = text[digits..end];
            var length = Array.Find(Units, known => known.Unit == unit).Length;
            if (digits == at || length == default) throw new FormatException($"'{text}' is not a span such as 1m30s.");
            total += length * long.Parse(text[at..digits], CultureInfo.InvariantCulture);
            at = end;
        }

        return total;
    }

    public static string Show(TimeSpan span)
    {
        if (span == TimeSpan.Zero) return "0s";
        if (span < TimeSpan.Zero) return "-" + Show(-span);
        var text = "";
        foreach (var (unit, length) in Units)
        {
            var count = span.Ticks / length.Ticks;
            if (count == 0) continue;
            text += string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
            span -= length * count;
        }

        return text.Length > 0 ? text : "0us";
    }
}
