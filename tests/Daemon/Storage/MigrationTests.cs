using System.Buffers.Binary;
using Queued.Broker;
using Queued.Daemon.Storage;
using Queued.Daemon.Storage.Rows;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Tests.Storage;

/// <summary>Files that earlier daemons wrote.</summary>
public sealed class MigrationTests : IDisposable
{
    private readonly StoreRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_file_of_version_1_opens_with_its_queues_as_queues_of_tasks()
    {
        var queue = new StoredQueue("q", new QueueSettings { Durability = Durability.Async, DeadMax = 7 },
            QueueState.Paused);
        await using (var store = _rig.OpenLoaded().Store)
            await store.AppendAsync([new Change.QueueDeclared(queue), StoreRig.Added(1)], mustFlush: true);
        MakeVersion1(queue);

        var loaded = await _rig.ReadAsync();

        var settings = loaded.Queues.Single().Settings;
        Assert.Equal(queue.Settings with { Kind = settings.Kind, Order = settings.Order }, settings);
        Assert.True(settings is { Kind: null or QueueKind.Tasks, Order: null or QueueOrder.Fifo });
        Assert.Equal([1UL], loaded.Ids);
        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadWrite);
        Assert.Equal(StoreSchema.Latest, StoreSchema.VersionOf(database));
    }

    [Fact]
    public async Task A_file_that_is_refused_keeps_the_version_that_it_was_found_with()
    {
        await using (var store = _rig.OpenLoaded().Store)
            await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
        Execute("PRAGMA user_version = 1");
        var known = HighWaterMark.Peek(_rig.Options.HighWaterPath)!.Value;
        HighWaterMark.Reset(_rig.Options.HighWaterPath, known with { Commit = known.Commit + 1 });

        Assert.Throws<StoreDamagedException>(() => _rig.Open());

        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadWrite);
        Assert.Equal(1, StoreSchema.VersionOf(database));
    }

    private void Execute(string sql)
    {
        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadWrite);
        database.Execute(sql, "test");
    }

    /// <summary>The row without what layout 2 added at its end, and the number of the schema.</summary>
    private void MakeVersion1(StoredQueue queue)
    {
        var row = SettingRows.Write(new RowWriter(), queue).ToArray().AsSpan(..^2);
        row[0] = 1;
        var crc = RowWriter.Checksum(RowKind.Queue, SettingRows.KeyOf(queue.Name), 1, row[RowWriter.HeaderLength..]);
        BinaryPrimitives.WriteUInt32LittleEndian(row[1..], crc);
        using var database = SqliteDatabase.Open(_rig.Options.DatabasePath, SqliteAccess.ReadWrite);
        database.Execute($"UPDATE queue SET data = x'{Convert.ToHexString(row)}'; PRAGMA user_version = 1", "test");
    }
}
