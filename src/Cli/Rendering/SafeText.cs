using System.Text;

namespace Queued.Cli.Rendering;

/// <summary>Text that came from elsewhere, made fit for a person's terminal.</summary>
internal static class SafeText
{
    /// <summary>Without escapes and controls; several lines stay several lines.</summary>
    public static string Block(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var output = new StringBuilder(text.Length);
        var filter = new EscapeFilter();
        filter.Append(text, output);
        filter.Finish(output);
        return output.ToString();
    }

    /// <summary>The same on one line: newlines and tabs become spaces.</summary>
    public static string Line(string? text) => Block(text).Replace('\n', ' ').Replace('\t', ' ').Trim();

    /// <summary>One line of at most <paramref name="length"/> characters.</summary>
    public static string Line(string? text, int length)
    {
        string line = Line(text);
        if (line.Length <= length)
            return line;
        int end = char.IsHighSurrogate(line[length - 2]) ? length - 2 : length - 1;
        return string.Concat(line.AsSpan(0, end), "…");
    }
}
