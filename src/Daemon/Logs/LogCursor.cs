namespace Queued.Daemon.Logs;

/// <summary>How far one reader is. It owns no output, so it cannot hold a writer up.</summary>
/// <param name="only">Only this attempt; 0: all.</param>
internal sealed class LogCursor(uint only)
{
    private uint _attempt;
    private long _position;

    /// <summary>The next piece of the attempt. Null: there is none, or the reader does not want it.</summary>
    public LogPiece? Read(AttemptLog log)
    {
        var attempt = log.Id.Attempt;
        if (attempt < _attempt || (only != 0 && attempt != only)) return null;
        if (attempt > _attempt)
        {
            _attempt = attempt;
            _position = 0;
        }

        return log.Read(ref _position);
    }
}
