using System.Buffers;
using System.Globalization;

namespace Queued.Cli.Input;

/// <summary>Sizes as people write them: bytes, or a number with K, M, G or T (powers of 1024; also KiB, kb).</summary>
internal static class SizeText
{
    public const string Expected = "a size such as 512M, 64KiB or 1073741824";

    public static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    public static bool TryParse(ReadOnlySpan<char> text, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        int digits = text.IndexOfAnyExcept(NumberCharacters);
        ReadOnlySpan<char> number = digits < 0 ? text : text[..digits];
        ReadOnlySpan<char> unit = digits < 0 ? default : text[digits..].Trim();
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count))
            return false;
        int power = PowerOf(unit);
        double total = count * Math.Pow(1024, power);
        if (power < 0 || total >= long.MaxValue || total != Math.Floor(total))
            return false;
        bytes = (long)total;
        return true;
    }

    private static int PowerOf(ReadOnlySpan<char> unit)
    {
        if (unit.IsEmpty || unit.Equals("b", StringComparison.OrdinalIgnoreCase))
            return 0;
        int power = "KMGT".IndexOf(char.ToUpperInvariant(unit[0]), StringComparison.Ordinal) + 1;
        ReadOnlySpan<char> rest = unit[1..];
        bool known = rest.IsEmpty
            || rest.Equals("b", StringComparison.OrdinalIgnoreCase)
            || rest.Equals("ib", StringComparison.OrdinalIgnoreCase);
        return power > 0 && known ? power : -1;
    }
}
