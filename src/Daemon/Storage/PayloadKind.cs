namespace Queued.Daemon.Storage;

/// <summary>Which of a task's payloads.</summary>
internal enum PayloadKind : byte
{
    /// <summary>What it was submitted with.</summary>
    Input = 1,

    /// <summary>What it ended with.</summary>
    Result = 2,
}
