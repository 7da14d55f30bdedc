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
            case Sabotage.Log:
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

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(to)) File.Delete(file);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
