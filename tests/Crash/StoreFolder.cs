namespace Queued.Crash;

/// <summary>The daemon's data, in the hands of somebody who should keep them off it.</summary>
internal sealed class StoreFolder(string path)
{
    private readonly string _copy = path + ".old";

    /// <summary>Called after each kill.</summary>
    public void Spoil(Sabotage how)
    {
        switch (how)
        {
            // Where the mark is older than the latest checkpoint it may know nothing of what is in the log.
            case Sabotage.Log when WrittenAt("hwm") > WrittenAt("queued.db"):
                File.Delete(Path.Combine(path, "queued.db-wal"));
                break;
            case Sabotage.LogAndMark:
                File.Delete(Path.Combine(path, "queued.db-wal"));
                File.Delete(Path.Combine(path, "hwm"));
                break;
            case Sabotage.OldCopy when !Directory.Exists(_copy):
                Copy(path, _copy);
                break;
            case Sabotage.OldCopy:
                Copy(_copy, path);
                break;
        }
    }

    private DateTime WrittenAt(string file) => File.GetLastWriteTimeUtc(Path.Combine(path, file));

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(to)) File.Delete(file);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
