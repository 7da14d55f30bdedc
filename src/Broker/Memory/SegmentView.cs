namespace Queued.Broker;

/// <summary>All that is shown of a memory segment; a snapshot.</summary>
/// <param name="Name">Empty: it has none.</param>
/// <param name="Users">Names of the sessions that use it, at most <see cref="UsersMax"/>.</param>
public sealed record SegmentView(
    SegmentId Id, string Name, long Bytes, IReadOnlyList<string> Users, DateTimeOffset CreatedAt)
{
    /// <summary>Users that one view names.</summary>
    public const int UsersMax = 100;
}
