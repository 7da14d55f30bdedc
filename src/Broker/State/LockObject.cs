namespace Queued.Broker;

/// <summary>A lock that only one operation at a time can have, also of the same session.</summary>
internal sealed class LockObject(string name, StateSettings settings, StateScope scope)
    : GrantingObject(name, settings, scope, permits: 1);

/// <summary>A lock whose owner, which is one of a session, may acquire it again.</summary>
internal class ReentrantLockObject(string name, StateSettings settings, StateScope scope)
    : GrantingObject(name, settings, scope, permits: 1)
{
    protected override Grant? AcquireAgain(StateUse use, ulong owner)
    {
        if (use.Grants.First is not { } grant || grant.Owner != owner) return null;
        grant.Depth++;
        return grant;
    }
}
