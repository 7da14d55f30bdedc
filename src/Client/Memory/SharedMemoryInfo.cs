namespace Queued.Client;

/// <summary>A segment of shared memory, as the daemon knows it.</summary>
public sealed record SharedMemoryInfo
{
    /// <summary>Its number. Never given twice.</summary>
    public required long Id { get; init; }

    /// <summary>Its name. Null: it has none, or has it no more.</summary>
    public string? Name { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Path of its file, on the daemon's machine.</summary>
    public required string Path { get; init; }

    /// <summary>Names of the clients that have it open, at most 100.</summary>
    public required IReadOnlyList<string> Users { get; init; }

    /// <summary>The task whose payload or result was put into it last. Null: none was.</summary>
    public TaskId? Task { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}
