namespace Queued.Broker;

public abstract partial record Response
{
    /// <param name="Created">It was not there before.</param>
    public sealed record StateUsed(bool Created) : Response;

    /// <param name="Name">What was to be acquired.</param>
    /// <param name="IsAcquired">False: the time is over.</param>
    /// <param name="Token">Of the grant. 0: there is none.</param>
    public sealed record Acquired(string Name, bool IsAcquired, ulong Token) : Response;

    /// <param name="IsSet">False: the time is over.</param>
    public sealed record EventWaited(bool IsSet) : Response;

    /// <param name="Place">In the order of coming, from 0.</param>
    public sealed record BarrierPassed(int Place) : Response;

    /// <param name="IsNotified">False: the time is over, or the wait was called off.</param>
    /// <param name="Token">Of the new grant of the lock.</param>
    public sealed record ConditionWaited(bool IsNotified, ulong Token) : Response;

    /// <param name="Count">How many were woken.</param>
    public sealed record Notified(int Count) : Response;

    /// <param name="Value">Now.</param>
    /// <param name="IsChanged">False: it was not what was expected.</param>
    public sealed record CounterRead(long Value, bool IsChanged) : Response;

    /// <param name="Payload">Null: it was never written.</param>
    public sealed record ValueRead(TaskPayload? Payload, ulong Version) : Response;

    /// <param name="IsWritten">False: it was of another version.</param>
    /// <param name="Version">Now.</param>
    /// <param name="Payload">What is there, where it was not written.</param>
    public sealed record ValueWritten(bool IsWritten, ulong Version, TaskPayload? Payload) : Response;

    public sealed record ArrayRead(ReadOnlyMemory<byte> Elements) : Response;

    /// <param name="IsWritten">False: something else was there than was expected.</param>
    public sealed record ArrayWritten(bool IsWritten) : Response;

    /// <param name="Count">Of all entries.</param>
    /// <param name="Next">Where the next page begins. Empty: there is none.</param>
    public sealed record MapRead(IReadOnlyList<MapItem> Items, int Count, string Next) : Response;

    /// <param name="IsWritten">False: an entry was not as expected.</param>
    /// <param name="Previous">Of the keys that were there, as they were.</param>
    /// <param name="Version">Of what was written.</param>
    public sealed record MapWritten(bool IsWritten, IReadOnlyList<MapItem> Previous, ulong Version) : Response;

    /// <param name="Count">Of all items.</param>
    public sealed record ListRead(IReadOnlyList<TaskPayload> Items, int Count) : Response;

    /// <param name="Removed">What was taken out, but for what a clear removed.</param>
    /// <param name="Count">Of all items, now.</param>
    public sealed record ListWritten(IReadOnlyList<TaskPayload> Removed, int Count) : Response;

    /// <param name="Next">Where the next page begins. Empty: there is none.</param>
    public sealed record StatePage(IReadOnlyList<StateView> States, string Next) : Response;

    /// <param name="Token">Of the grant that was taken away.</param>
    public sealed record GrantRevoked(ulong Token) : Response;
}
