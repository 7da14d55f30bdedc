namespace Queued.Tidy.Tests;

/// <summary>Blanks comments and literals, so that a rule about code is not set off by a word about code.</summary>
internal static class CSharpText
{
    public static string WithoutCommentsAndStrings(string text)
    {
        var result = text.ToCharArray();
        var index = 0;
        while (index < text.Length)
        {
            var end = EndOfQuiet(text, index);
            for (var blank = index; blank < end; blank++)
            {
                if (result[blank] != '\n')
                {
                    result[blank] = ' ';
                }
            }

            index = Math.Max(end, index + 1);
        }

        return new string(result);
    }

    /// <summary>
    /// Where the comment or literal that starts here ends; <paramref name="start"/> itself where none starts.
    /// </summary>
    private static int EndOfQuiet(string text, int start)
    {
        var rest = text.AsSpan(start);
        if (rest.StartsWith("//"))
        {
            return IndexAfter(text, start, "\n", keep: true);
        }

        if (rest.StartsWith("/*"))
        {
            return IndexAfter(text, start + 2, "*/");
        }

        if (rest[0] == '\'')
        {
            return EndOfEscaped(text, start + 1, '\'');
        }

        var prefix = 0;
        while (prefix < rest.Length && rest[prefix] is '$' or '@')
        {
            prefix++;
        }

        if (prefix >= rest.Length || rest[prefix] != '"')
        {
            return start;
        }

        var quotes = rest[prefix..].Length - rest[prefix..].TrimStart('"').Length;
        if (quotes >= 3)
        {
            return IndexAfter(text, start + prefix + quotes, new string('"', quotes));
        }

        if (quotes == 2)
        {
            return start + prefix + 2;
        }

        return rest[..prefix].Contains('@')
            ? EndOfVerbatim(text, start + prefix + 1)
            : EndOfEscaped(text, start + prefix + 1, '"');
    }

    private static int IndexAfter(string text, int from, string mark, bool keep = false)
    {
        var found = text.IndexOf(mark, from, StringComparison.Ordinal);
        return found < 0 ? text.Length : keep ? found : found + mark.Length;
    }

    private static int EndOfEscaped(string text, int from, char quote)
    {
        for (var index = from; index < text.Length; index++)
        {
            if (text[index] == '\\')
            {
                index++;
            }
            else if (text[index] == quote || text[index] == '\n')
            {
                return index + 1;
            }
        }

        return text.Length;
    }

    private static int EndOfVerbatim(string text, int from)
    {
        for (var index = from; index < text.Length; index++)
        {
            if (text[index] != '"')
            {
                continue;
            }

            if (index + 1 < text.Length && text[index + 1] == '"')
            {
                index++;
                continue;
            }

            return index + 1;
        }

        return text.Length;
    }
}
