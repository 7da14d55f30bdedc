namespace Queued.Broker;

/// <summary>All that is shown of a memory segment; a snapshot.</summary>
/// <param name="Name">Empty: it has none.</param>
/// <param name="Users">Names of the sessions that use it, at most <see cref="UsersMax"/>.</param>
public sealed record SegmentView(
    SegmentId Id, string Name, long Bytes, IReadOnlyList<string> Users, DateTimeOffset CreatedAt)
{
    /// <summary>The task whose payload or result was put into it last. 0: of none.</summary>
    public TaskId Task { get; init; }

    /// <summary>Users that one view names.</summary>
    public const int UsersMax = 100;
}
