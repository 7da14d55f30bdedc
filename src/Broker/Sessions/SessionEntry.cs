namespace Queued.Broker;

/// <summary>
/// The life of a client's connection, or of one call, and all that ends with it.
/// </summary>
internal sealed class SessionEntry(SessionId id, string name)
{
    public SessionId Id { get; } = id;

    /// <summary>Who it is, for people.</summary>
    public string Name { get; } = name;

    /// <summary>Tasks whose outcome it wants as their submitter.</summary>
    public HashSet<TaskEntry> Submitted { get; } = [];

    public HashSet<TaskEntry> Watched { get; } = [];

    /// <summary>Its operations that wait, oldest first.</summary>
    public LinkedRing<Wait, Wait.OfSession> Waits { get; } = new();
}
