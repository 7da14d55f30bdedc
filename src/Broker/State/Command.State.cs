namespace Queued.Broker;

public abstract partial record Command
{
    /// <summary>
    /// Something done with a shared object. The session must use it first, or it must be one that is kept, where
    /// nothing of it is held.
    /// </summary>
    /// <param name="Session">Who does it: its waits, and what it holds, end with it.</param>
    /// <param name="Name">The object's.</param>
    public abstract record StateCommand(RequestId Request, SessionId Session, string Name) : Command;

    /// <summary>
    /// The session uses the object, which is made where it is not there. Reply: <see cref="Response.StateUsed"/>.
    /// </summary>
    /// <param name="Keep">It stays until it is deleted.</param>
    public sealed record UseState(
        RequestId Request, SessionId Session, string Name, StateSettings Settings, bool Keep)
        : StateCommand(Request, Session, Name);

    /// <summary>What the session holds of it is released. Reply: <see cref="Response.Done"/>.</summary>
    public sealed record LeaveState(RequestId Request, SessionId Session, string Name)
        : StateCommand(Request, Session, Name);

    /// <summary>
    /// Takes a lock or a permit. May wait. Reply: <see cref="Response.Acquired"/>.
    /// </summary>
    /// <param name="Lease">The grant ends after so long. Null: with its session.</param>
    /// <param name="Owner">Who of the session it is that may acquire it again, where the kind allows that.</param>
    /// <param name="Consume">Of a semaphore without a bound: the permit is used up, and nobody holds it.</param>
    public sealed record Acquire(
        RequestId Request, SessionId Session, string Name, TimeSpan Wait, TimeSpan? Lease, ulong Owner,
        bool Consume = false)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.Done"/>.</summary>
    /// <param name="Token">
    /// Which grant. 0: the session's oldest, or a new permit where it holds none of a semaphore.
    /// </param>
    /// <param name="Add">Of a semaphore without a bound: so many permits more. 0: gives back a grant.</param>
    public sealed record Release(RequestId Request, SessionId Session, string Name, ulong Token, int Add = 0)
        : StateCommand(Request, Session, Name);

    /// <summary>The grant ends so long from now on. Reply: <see cref="Response.Done"/>.</summary>
    public sealed record ExtendGrant(
        RequestId Request, SessionId Session, string Name, ulong Token, TimeSpan? Lease)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.Done"/>.</summary>
    public sealed record SetEvent(RequestId Request, SessionId Session, string Name, bool Clear)
        : StateCommand(Request, Session, Name);

    /// <summary>May wait. Reply: <see cref="Response.EventWaited"/>.</summary>
    public sealed record WaitEvent(RequestId Request, SessionId Session, string Name, TimeSpan Wait)
        : StateCommand(Request, Session, Name);

    /// <summary>
    /// May wait; the end of the wait breaks the barrier. Reply: <see cref="Response.BarrierPassed"/>.
    /// </summary>
    public sealed record WaitBarrier(RequestId Request, SessionId Session, string Name, TimeSpan Wait)
        : StateCommand(Request, Session, Name);

    /// <summary>Who waits hears that it is broken. Reply: <see cref="Response.Done"/>.</summary>
    /// <param name="Abort">It stays broken. False: it is new.</param>
    public sealed record ResetBarrier(RequestId Request, SessionId Session, string Name, bool Abort)
        : StateCommand(Request, Session, Name);

    /// <summary>
    /// Releases the condition's lock, waits to be notified, and has the lock again before the reply, however the wait
    /// ended. Reply: <see cref="Response.ConditionWaited"/>.
    /// </summary>
    /// <param name="Token">The grant of the lock. 0: the session's oldest.</param>
    public sealed record WaitCondition(
        RequestId Request, SessionId Session, string Name, TimeSpan Wait, ulong Token)
        : StateCommand(Request, Session, Name);

    /// <summary>The session must hold the lock. Reply: <see cref="Response.Notified"/>.</summary>
    /// <param name="Count">How many to wake at most. 0: all.</param>
    public sealed record NotifyCondition(RequestId Request, SessionId Session, string Name, int Count)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.CounterRead"/>.</summary>
    /// <param name="Delta">Is added. 0: only reads.</param>
    /// <param name="Set">Its value before that. Null: what it is.</param>
    /// <param name="Expected">Nothing changes unless this is its value. Null: whatever it is.</param>
    public sealed record AddCounter(
        RequestId Request, SessionId Session, string Name, long Delta, long? Set, long? Expected)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.ValueRead"/>.</summary>
    public sealed record ReadValue(RequestId Request, SessionId Session, string Name)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.ValueWritten"/>.</summary>
    /// <param name="ExpectedVersion">Nothing changes unless this is its version. Null: whatever it is.</param>
    public sealed record WriteValue(
        RequestId Request, SessionId Session, string Name, TaskPayload Payload, ulong? ExpectedVersion)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.ArrayRead"/>.</summary>
    /// <param name="Count">Elements. 0: all from the first on.</param>
    public sealed record ReadArray(RequestId Request, SessionId Session, string Name, int Start, int Count)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.ArrayWritten"/>.</summary>
    /// <param name="Expected">Nothing changes unless these bytes are there. Empty: whatever is.</param>
    public sealed record WriteArray(
        RequestId Request, SessionId Session, string Name, int Start, ReadOnlyMemory<byte> Elements,
        ReadOnlyMemory<byte> Expected)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.MapRead"/>.</summary>
    /// <param name="Keys">Empty: a page of all, after <paramref name="After"/>.</param>
    public sealed record ReadMap(
        RequestId Request, SessionId Session, string Name, IReadOnlyList<string> Keys, int PageSize, string After)
        : StateCommand(Request, Session, Name);

    /// <summary>All changes or none. Reply: <see cref="Response.MapWritten"/>.</summary>
    /// <param name="Clear">Removes all entries first.</param>
    public sealed record WriteMap(
        RequestId Request, SessionId Session, string Name, IReadOnlyList<MapChange> Changes, bool Clear)
        : StateCommand(Request, Session, Name);

    /// <summary>Reply: <see cref="Response.ListRead"/>.</summary>
    /// <param name="Start">Below 0 from the end.</param>
    public sealed record ReadList(RequestId Request, SessionId Session, string Name, long Start, int Count)
        : StateCommand(Request, Session, Name);

    /// <summary>
    /// Takes out, and puts others in their place. What is replaced, or where it is put, must be there; a mere removal
    /// takes what is there. Reply: <see cref="Response.ListWritten"/>.
    /// </summary>
    public sealed record WriteList(RequestId Request, SessionId Session, string Name) : StateCommand(
        Request, Session, Name)
    {
        /// <summary>Below 0 from the end.</summary>
        public long Start { get; init; }

        public int RemoveCount { get; init; }

        public IReadOnlyList<TaskPayload> Items { get; init; } = [];

        /// <summary>At the end, wherever that is.</summary>
        public bool Append { get; init; }

        /// <summary>Removes all items first.</summary>
        public bool Clear { get; init; }
    }

    /// <summary>
    /// In the order of names, after <paramref name="After"/>. Reply: <see cref="Response.StatePage"/>.
    /// </summary>
    /// <param name="Kinds">Empty: all.</param>
    /// <param name="Name">Of the only one that is asked for. Empty: all.</param>
    public sealed record ListStates(
        RequestId Request, IReadOnlyList<StateKind> Kinds, int PageSize, string After, string Name = "")
        : StateCommand(Request, default, Name);

    /// <summary>Reply: <see cref="Response.Done"/>.</summary>
    /// <param name="Force">Also where somebody holds it or waits for it.</param>
    public sealed record DeleteState(RequestId Request, string Name, bool Force)
        : StateCommand(Request, default, Name);

    /// <summary>Takes the grant away from who holds it. Reply: <see cref="Response.GrantRevoked"/>.</summary>
    /// <param name="Token">0: the oldest.</param>
    public sealed record RevokeGrant(RequestId Request, string Name, ulong Token)
        : StateCommand(Request, default, Name);
}

/// <summary>One change of a map.</summary>
/// <param name="Payload">Null: the entry is removed.</param>
/// <param name="ExpectedVersion">
/// Nothing changes unless the entry is of this version; 0: unless there is none. Null: whatever is there.
/// </param>
public sealed record MapChange(string Key, TaskPayload? Payload, ulong? ExpectedVersion = null);
