using System.Text;

namespace Queued.Client;

/// <summary>Where a piece of output came from.</summary>
public enum LogSource
{
    /// <summary>Not known: the daemon is newer than this client.</summary>
    Unknown = 0,

    /// <summary>Standard output of the process.</summary>
    Stdout = 1,

    /// <summary>Standard error of the process.</summary>
    Stderr = 2,

    /// <summary>A line that the handler logged through its context.</summary>
    Log = 3,
}

/// <summary>Some output of one attempt.</summary>
public sealed record TaskLogEntry
{
    /// <summary>Which attempt wrote it.</summary>
    public required int Attempt { get; init; }

    /// <summary>Where it came from.</summary>
    public required LogSource Source { get; init; }

    /// <summary>The bytes as they were written; a piece may end inside a line or a character.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>When the daemon read it.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>Bytes that were dropped before this piece, for the attempt's quota.</summary>
    public long DroppedBytes { get; init; }

    /// <summary>The bytes read as UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
    public string ReadText() => Encoding.UTF8.GetString(Data.Span);
}
