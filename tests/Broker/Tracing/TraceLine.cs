using System.Globalization;
using System.Text;

namespace Queued.Broker.Tests.Tracing;

/// <summary>
/// One command of a trace: a verb, words and <c>key=value</c> options. What nobody reads is an error.
/// </summary>
internal sealed class TraceLine
{
    private readonly Dictionary<string, string> _options = [];
    private readonly HashSet<string> _unread = [];
    private readonly List<string> _words = [];

    public TraceLine(string text)
    {
        Text = text;
        foreach (var token in Split(text))
        {
            var equals = token.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                _options.Add(token[..equals], token[(equals + 1)..]);
                _unread.Add(token[..equals]);
            }
            else
            {
                _words.Add(token);
            }
        }

        Verb = _words[0];
        _words.RemoveAt(0);
    }

    public string Text { get; }

    public string Verb { get; }

    public IReadOnlyList<string> Words => _words;

    public string Word(int index) =>
        index < _words.Count
            ? _words[index]
            : throw new FormatException($"'{Text}' needs {index + 1} words after the verb.");

    public bool Flag(string word) => _words.Remove(word);

    public string? Option(string name)
    {
        _unread.Remove(name);
        return _options.GetValueOrDefault(name);
    }

    public string Option(string name, string fallback) => Option(name) ?? fallback;

    public int Number(string name, int fallback = 0) =>
        Option(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

    public long Long(string name, long fallback) =>
        Option(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : fallback;

    public double? Fraction(string name) =>
        Option(name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    public TimeSpan? Span(string name) => Option(name) is { } text ? TraceTime.Parse(text) : null;

    public IReadOnlyList<string> Names(string name) => Option(name) is { Length: > 0 } text ? text.Split(',') : [];

    public IReadOnlyDictionary<string, string>? WithPrefix(string prefix)
    {
        Dictionary<string, string>? found = null;
        foreach (var (name, value) in _options)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal)) continue;
            (found ??= []).Add(name[prefix.Length..], value);
            _unread.Remove(name);
        }

        return found;
    }

    public void RequireAllRead()
    {
        if (_unread.Count > 0) throw new FormatException($"'{Text}': nobody knows {string.Join(", ", _unread)}.");
    }

    private static IEnumerable<string> Split(string text)
    {
        var token = new StringBuilder();
        var quoted = false;
        foreach (var character in text)
        {
            if (character == '"')
            {
                quoted = !quoted;
            }
            else if (character == ' ' && !quoted)
            {
                if (token.Length > 0) yield return token.ToString();
                token.Clear();
            }
            else
            {
                token.Append(character);
            }
        }

        if (token.Length > 0) yield return token.ToString();
    }
}
