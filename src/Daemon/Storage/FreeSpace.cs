namespace Queued.Daemon.Storage;

/// <summary>The room that is left on the store's file system, against its watermark.</summary>
internal sealed class FreeSpace(StoreOptions options)
{
    /// <summary>Bytes that must be free for new tasks to be taken.</summary>
    public long Watermark { get; private set; }

    public long Available { get; private set; }

    public bool IsShort { get; private set; }

    /// <summary>Whether <see cref="IsShort"/> is another than before.</summary>
    public bool Measure()
    {
        var drive = new DriveInfo(options.Directory);
        Available = drive.AvailableFreeSpace;
        Watermark = Math.Max(options.FreeBytesMin, drive.TotalSize / 100 * options.FreePercentMin);
        var wasShort = IsShort;
        // A margin on the way back, or one task more or less would turn it every time.
        IsShort = Available < (wasShort ? Watermark + (Watermark / 16) : Watermark);
        return IsShort != wasShort;
    }
}
