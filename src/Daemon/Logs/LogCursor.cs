using Queued.Broker;

namespace Queued.Daemon.Logs;

/// <summary>How far one reader is.</summary>
/// <param name="only">Only this attempt; 0: all.</param>
/// <param name="follows">It goes on until the task has ended, so a writer waits for it.</param>
internal sealed class LogCursor(uint only, bool follows)
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

    /// <summary>From where on it still needs the attempt's output. Null: it needs none of it.</summary>
    public long? Needs(AttemptId attempt)
    {
        if (!follows || attempt.Attempt < _attempt || (only != 0 && attempt.Attempt != only)) return null;
        return attempt.Attempt == _attempt ? _position : 0;
    }
}
