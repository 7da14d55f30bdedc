using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A segment of shared memory in JSON.</summary>
internal sealed record SegmentRecord
{
    public required long SegmentId { get; init; }

    public string? Name { get; init; }

    public required long SizeBytes { get; init; }

    public required string Path { get; init; }

    public required IReadOnlyList<string> Users { get; init; }

    public ulong? TaskId { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    public static SegmentRecord From(SharedMemoryInfo segment) => new()
    {
        SegmentId = segment.Id,
        Name = segment.Name,
        SizeBytes = segment.Length,
        Path = segment.Path,
        Users = segment.Users,
        TaskId = segment.Task?.Value,
        CreatedAt = segment.CreatedAt,
    };
}
