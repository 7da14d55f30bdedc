namespace Queued.Broker;

/// <summary>
/// One concurrency key of one queue. It lets <see cref="Limit"/> of its tasks into the ready order at a time; a task
/// holds its place there until it has ended or waits for a retry.
/// </summary>
internal sealed class ConcurrencyGate(string key)
{
    public string Key { get; } = key;

    public int Limit { get; set; } = 1;

    public int Admitted { get; set; }

    /// <summary>Queued tasks that wait outside, the next one first.</summary>
    public IndexedHeap<TaskEntry, TaskEntry.ByPriority> Parked { get; } = new();

    public bool HasRoom => Admitted < Limit;

    /// <summary>Its tasks that have not ended.</summary>
    public int Members { get; set; }
}
