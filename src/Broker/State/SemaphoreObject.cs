namespace Queued.Broker;

/// <summary>
/// Permits. Those of a session that ends come back; a release by a session that holds none makes one more, unless the
/// semaphore is bounded.
/// </summary>
internal sealed class SemaphoreObject(string name, StateSettings settings, StateScope scope)
    : GrantingObject(name, settings, scope, settings.Permits)
{
    protected override Rejection? ReleaseWithoutGrant(Rejection notHeld) => AddPermits(1);

    protected override Rejection? AddPermits(int count)
    {
        // What the dead held came back, so a bounded one always has all its permits, free or held.
        if (Settings.Kind == StateKind.BoundedSemaphore)
            return StateRejections.PermitsExceeded(this, Settings.Permits);
        if (count > Scope.Limits.PermitsMax - Free - Held)
        {
            return Rejections.Limit(
                nameof(BrokerLimits.PermitsMax), Scope.Limits.PermitsMax, "permits of one semaphore");
        }

        Free += count;
        Serve();
        return null;
    }
}
