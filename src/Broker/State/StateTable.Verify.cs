namespace Queued.Broker;

/// <summary>For tests.</summary>
internal sealed partial class StateTable
{
    internal IEnumerable<EventObject> Events => _objects.Values.OfType<EventObject>();

    /// <summary>Counts everything again, in O(n).</summary>
    internal void Verify()
    {
        var grants = 0;
        foreach (var state in _objects.Values)
        {
            Invariant.Require(state.Keep || state.Users.Count > 0);
            if (state is not GrantingObject granting) continue;
            grants += granting.Held;
            Invariant.Require(granting.Free >= 0 && (granting.Free == 0 || granting.Line.Count == 0));
            if (state.Settings.Kind != StateKind.Semaphore)
                Invariant.Require(granting.Free + granting.Held == Math.Max(1, state.Settings.Permits));
        }

        Invariant.Require(grants == _scope.GrantCount);
        Invariant.Require(_names.Count == _objects.Count);
        Invariant.Require(_scope.Bytes == _objects.Values.Sum(state => state.Bytes));
    }
}
