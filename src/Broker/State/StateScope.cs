namespace Queued.Broker;

/// <summary>What all shared objects have in common: the turn, the limits, the grants and the bytes.</summary>
internal sealed class StateScope(
    Turn turn, Waits waits, Readiness readiness, BrokerLimits limits, ulong firstToken)
{
    private readonly Dictionary<ulong, Grant> _grants = [];
    private readonly ulong _firstToken = firstToken;
    private ulong _nextToken = firstToken;

    public Turn Turn { get; } = turn;

    public Waits Waits { get; } = waits;

    public Readiness Readiness { get; } = readiness;

    public BrokerLimits Limits { get; } = limits;

    /// <summary>Of all objects.</summary>
    public long Bytes { get; private set; }

    public int GrantCount => _grants.Count;

    /// <summary>Higher than every one before, also than those of earlier lives of the daemon.</summary>
    public ulong NextToken()
    {
        var isRepeated = Turn.Mutant == Mutant.RepeatToken && _grants.Count == 0 && _nextToken > _firstToken;
        return isRepeated ? _nextToken - 1 : _nextToken++;
    }

    public void Add(Grant grant) => _grants.Add(grant.Token, grant);

    public void Remove(Grant grant) => _grants.Remove(grant.Token);

    /// <summary>Null: it was given back, taken away, or its time is over.</summary>
    public Grant? Find(ulong token) => _grants.GetValueOrDefault(token);

    /// <summary>
    /// The object has so many bytes from now on, or there is no room for them and nothing is changed.
    /// </summary>
    /// <returns>Null: there was room.</returns>
    public Rejection? Resize(StateObject state, long bytes)
    {
        if (bytes > state.Bytes)
        {
            if (bytes > Limits.StateBytesMax)
                return StateRejections.ObjectFull(state.Name, bytes, Limits.StateBytesMax);
            if (CheckTotal(bytes - state.Bytes) is { } refusal) return refusal;
        }

        Bytes += bytes - state.Bytes;
        state.Bytes = bytes;
        return null;
    }

    /// <summary>Null: there is room for so many bytes more.</summary>
    public Rejection? CheckTotal(long more) => Bytes + more <= Limits.StateBytesTotalMax ? null : Rejections.Limit(
        nameof(BrokerLimits.StateBytesTotalMax), Limits.StateBytesTotalMax, "bytes in all shared objects");

    /// <summary>One more operation waits for the object, unless too many do, or too many of its session.</summary>
    public bool TryWait(StateWait wait, TimeSpan time, LinkedRing<Wait, Wait.Links> line)
    {
        if (wait.State.Waiting >= Limits.StateWaitsMax)
        {
            Turn.Refuse(wait.Request, TooManyWait());
            return false;
        }

        return Waits.TryBegin(wait, time, line);
    }

    public Rejection TooManyWait() => Rejections.Limit(
        nameof(BrokerLimits.StateWaitsMax), Limits.StateWaitsMax, "operations waiting for one shared object");
}
