namespace Queued.Daemon.Logs;

/// <summary>Where output came from.</summary>
internal enum LogSource : byte
{
    Stdout = 1,
    Stderr = 2,

    /// <summary>A line that the handler logged through its context.</summary>
    Log = 3,
}

/// <summary>Some output of one attempt, as it is read.</summary>
/// <param name="DroppedBytes">Bytes that were dropped before it.</param>
internal sealed record LogPiece(
    uint Attempt, LogSource Source, DateTimeOffset Time, ReadOnlyMemory<byte> Data, long DroppedBytes);
