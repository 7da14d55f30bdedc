namespace Queued.Crash;

/// <summary>What is done to the store between a kill and a restart, to see that the harness notices.</summary>
internal enum Sabotage
{
    None = 0,

    /// <summary>The log is deleted: the daemon has to refuse what is left.</summary>
    Log,

    /// <summary>The log and the high-water mark are deleted, so that only the clients know what there was.</summary>
    LogAndMark,

    /// <summary>The whole directory is what it was after the first kill.</summary>
    OldCopy,
}
