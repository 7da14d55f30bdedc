namespace Queued.Broker;

/// <summary>
/// Permits. Those of a session that ends come back; a release by a session that holds none makes one more, unless the
/// semaphore is bounded.
/// </summary>
internal sealed class SemaphoreObject(string name, StateSettings settings, StateScope scope)
    : GrantingObject(name, settings, scope, settings.Permits)
{
    protected override Rejection? ReleaseWithoutGrant(Rejection notHeld)
    {
        // What the dead held came back, so a bounded one always has all its permits, free or held.
        if (Settings.Kind == StateKind.BoundedSemaphore)
            return StateRejections.PermitsExceeded(this, Settings.Permits);
        if (Free + Held >= Scope.Limits.PermitsMax)
        {
            return Rejections.Limit(
                nameof(BrokerLimits.PermitsMax), Scope.Limits.PermitsMax, "permits of one semaphore");
        }

        Free++;
        Serve();
        return null;
    }
}
