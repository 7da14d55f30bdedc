namespace Queued.Daemon.Storage.Rows;

/// <summary>What every commit says of the whole database.</summary>
/// <param name="Database">Which database this is; a copy that was restored gets a new one.</param>
/// <param name="Number">Commits so far.</param>
/// <param name="LastTask">The highest task number that was ever stored.</param>
/// <param name="IsClosed">The daemon has ended in order since.</param>
internal sealed record CommitRecord(Guid Database, ulong Number, ulong LastTask, bool IsClosed)
{
    public const string Key = "commit";

    /// <summary>Of a database that nothing was committed to.</summary>
    public static CommitRecord OfNew() => new(Guid.NewGuid(), 0, 0, IsClosed: true);

    public ReadOnlySpan<byte> Write(RowWriter row)
    {
        row.Begin();
        row.Bytes(Database.ToByteArray());
        row.Unsigned(Number);
        row.Unsigned(LastTask);
        row.Flag(IsClosed);
        return row.End(RowKind.Commit, 0);
    }

    public static CommitRecord Read(ReadOnlySpan<byte> bytes)
    {
        var row = new RowReader(bytes, RowKind.Commit, 0);
        return new CommitRecord(new Guid(row.Bytes()), row.Unsigned(), row.Unsigned(), row.Flag());
    }
}
