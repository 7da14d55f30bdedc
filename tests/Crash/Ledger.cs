using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Queued.Crash;

/// <summary>What somebody was told or has done, one line each, in a file that nobody else writes to.</summary>
/// <remarks>
/// Lines begin with a letter and the time by CLOCK_MONOTONIC, which all processes of a machine share. They are handed
/// to the kernel at once: the daemon's death takes nothing of them.
/// </remarks>
internal sealed class Ledger(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    private readonly Lock _gate = new();

    public static long Now => Stopwatch.GetTimestamp();

    public void Add(char what, params ReadOnlySpan<string> words) => Add(what, Now, words);

    public void Add(char what, long time, params ReadOnlySpan<string> words)
    {
        var line = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{what} {time} {string.Join(' ', words)}\n"));
        lock (_gate) _file.Write(line);
    }

    public void Dispose() => _file.Dispose();
}

/// <summary>A line of a ledger.</summary>
internal readonly record struct Entry(char What, long Time, string[] Words);

/// <summary>Reads what was added to a ledger since the last look.</summary>
internal sealed class LedgerReader(string path)
{
    private long _position;
    private string _rest = "";

    public IEnumerable<Entry> ReadNew()
    {
        if (!File.Exists(path)) yield break;

        string text;
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            file.Position = _position;
            using var reader = new StreamReader(file, Encoding.UTF8);
            text = _rest + reader.ReadToEnd();
            _position = file.Position;
        }

        var lines = text.Split('\n');
        _rest = lines[^1];
        foreach (var line in lines.SkipLast(1))
        {
            var words = line.Split(' ');
            yield return new Entry(words[0][0], long.Parse(words[1], CultureInfo.InvariantCulture), words[2..]);
        }
    }
}
