namespace Queued.Daemon.Storage.Rows;

/// <summary>What a row is; part of its checksum, so that no row can pass for another.</summary>
internal enum RowKind : byte
{
    Commit = 1,
    Queue = 2,
    Pool = 3,
    Key = 4,
    TaskSpec = 5,
    TaskStanding = 6,
    Payload = 7,
    Result = 8,
}

/// <summary>A row that does not hold what was written.</summary>
internal sealed class DamagedRowException(string reason) : Exception(reason);
