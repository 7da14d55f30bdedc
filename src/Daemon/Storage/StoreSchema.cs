using System.Globalization;
using Queued.Daemon.Storage.Sqlite;

namespace Queued.Daemon.Storage;

/// <summary>
/// The tables, and the way to them from every earlier version. Task and payload have the task's number as their rowid,
/// so that new tasks go to the end of the table and large payloads stay out of the way of the search.
/// </summary>
internal static class StoreSchema
{
    /// <summary>Says whose file it is: <c>Qued</c>.</summary>
    public const long ApplicationId = 0x51756564;

    /// <summary>One script a version, never changed once it was released.</summary>
    private static readonly string[] Versions =
    [
        """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE queue (name TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE pool (name TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE idempotency (
          queue TEXT NOT NULL, key TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (queue, key)) STRICT, WITHOUT ROWID;
        CREATE TABLE task (
          id INTEGER PRIMARY KEY, standing BLOB NOT NULL, spec BLOB NOT NULL, payload BLOB, result BLOB) STRICT;
        CREATE TABLE payload (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;
        CREATE TABLE quarantine (
          id INTEGER PRIMARY KEY, found_at TEXT NOT NULL, source TEXT NOT NULL, row TEXT NOT NULL, reason TEXT NOT NULL,
          data BLOB) STRICT;
        """,
        """
        -- The same tables. Rows have layout 2 from here on: a queue says whether it holds tasks or messages, and in
        -- which order. An older daemon would take such rows for damaged ones, so it must not open the file.
        """,
    ];

    public static int Latest => Versions.Length;

    public static int VersionOf(SqliteDatabase database) =>
        (int)database.ReadNumber("PRAGMA user_version", "read of the schema version");

    public static long ApplicationOf(SqliteDatabase database) =>
        database.ReadNumber("PRAGMA application_id", "read of the application id");

    /// <summary>
    /// Brings a database to the latest version, each in one transaction: whenever that ends, it has a whole version.
    /// </summary>
    public static void Migrate(SqliteDatabase database, Action<int> migrated)
    {
        for (var version = VersionOf(database); version < Latest; version++)
        {
            database.Execute("BEGIN IMMEDIATE", "begin of the migration");
            database.Execute(Versions[version], $"migration to version {version + 1}");
            database.Execute(
                string.Create(CultureInfo.InvariantCulture,
                    $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {version + 1}"),
                "migration");
            database.Execute("COMMIT", "commit of the migration");
            migrated(version + 1);
        }
    }
}
