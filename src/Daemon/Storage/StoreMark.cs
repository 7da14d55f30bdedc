namespace Queued.Daemon.Storage;

/// <summary>
/// When the high-water mark is written: before each checkpoint, and four times a second while something is stored. So
/// it tells at any time if a log is deleted that has something acknowledged in it. For the store's thread.
/// </summary>
internal sealed class StoreMark(HighWaterMark mark, ILogger logger) : IDisposable
{
    private const int Interval = 250;

    private volatile string? _problem;

    /// <summary>Nothing was stored since this commit.</summary>
    private ulong? _known = mark.Latest?.Commit;

    /// <summary>When something was that the mark does not know of, or the mark last failed.</summary>
    private long _unknownSince;

    /// <summary>For every thread.</summary>
    public IEnumerable<string> Problems => _problem is { } problem ? [problem] : [];

    /// <summary>It knows all that there is, but for a commit of nothing.</summary>
    public bool Knows(StoreFile file) => _known == file.Record.Number;

    /// <summary>Before a commit is told to anybody.</summary>
    public void Note(StoreFile file, bool wasKnown)
    {
        if (wasKnown) _unknownSince = Environment.TickCount64;
        // Only where no checkpoint has said it before.
        if (!ExpectsLog(file) && _problem is null) Write(file);
    }

    public void WriteWhenDue(StoreFile file)
    {
        if (!Knows(file) && Environment.TickCount64 - _unknownSince >= Interval) Write(file);
    }

    /// <summary>
    /// From its first page on the database needs its log, and the mark says so before. What is committed after it needs
    /// no other mark at once, so whoever comes after a pause waits for his own flush alone.
    /// </summary>
    public void Checkpoint(StoreFile file)
    {
        Write(file, needsLog: true);
        var isWritten = _problem is null;
        file.Checkpoint();
        // But for a commit of nothing that is all. Where it could not be written it is due.
        if (isWritten) _known = file.Record.Number;
        if (!file.IsLogTooLong) return;
        file.Truncate();
        file.BeginLog();
        Write(file);
    }

    public void Write(StoreFile file) => Write(file, needsLog: false);

    public void Dispose() => mark.Dispose();

    private bool ExpectsLog(StoreFile file) =>
        file.Record.Number == file.InDatabase ||
        (mark.Latest is { } known &&
            (known.Commit > file.InDatabase || (known.NeedsLog && known.Commit == file.InDatabase)));

    private void Write(StoreFile file, bool needsLog)
    {
        try
        {
            mark.Write(new Mark(file.Record.Database, file.Record.Number, needsLog));
            _known = file.Record.Number;
            _problem = null;
        }
        catch (StoreFailedException e)
        {
            _unknownSince = Environment.TickCount64;
            if (_problem is null) StoreLog.MarkFailed(logger, mark.Path, e);
            _problem = $"the high-water mark cannot be written: {e.Message}";
        }
    }
}
