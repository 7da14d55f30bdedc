using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A condition by name: a lock, and a place to wait for a change of what it protects. Its lock is reentrant, as that of
/// <see cref="SharedRLock"/>. Who waits is woken in the order of waiting; the notification of one that dies as it is
/// woken goes to the next.
/// </summary>
public sealed class SharedCondition : SharedAcquirable
{
    internal SharedCondition(StateAccess access, string name, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.Condition }, keep, StateOwner.Next())
    {
    }

    /// <summary>
    /// Lets go of the lock, waits to be notified, and has the lock again when it completes, as often as before: also
    /// where the time is over or the wait is cancelled. The grant has a new number then.
    /// </summary>
    /// <param name="grant">The lock, acquired from this condition.</param>
    /// <param name="timeout">How long, 0 or more. Null (the default): without end.</param>
    /// <param name="cancellationToken">Stops the wait for the notification.</param>
    /// <returns>False: the time is over.</returns>
    /// <exception cref="GrantLostException">The lock was not held any more.</exception>
    /// <exception cref="OperationCanceledException">
    /// The token was cancelled. The lock is held, unless it was cancelled before the call.
    /// </exception>
    public async Task<bool> WaitAsync(
        Grant grant, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grant);
        var limit = CheckTimeout(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        var request = new Proto.WaitConditionRequest { Name = Name, FencingToken = grant.FencingToken };
        grant.Suspend();
        try
        {
            // Whatever ends the wait, the daemon answers when it has the lock again. Null, or a cancelled wait, comes
            // where it was never sent.
            var result = await WaitAsync(
                grant.Connection,
                new Proto.SessionOperation { WaitCondition = request },
                limit,
                wait => request.Wait = wait,
                cancellationToken).ConfigureAwait(false);
            if (result is null)
            {
                grant.Resume();
                return false;
            }

            var waited = result.WaitCondition;
            grant.Renew(waited.FencingToken);
            if (!waited.Notified)
                cancellationToken.ThrowIfCancellationRequested();
            return waited.Notified;
        }
        catch (OperationCanceledException)
        {
            grant.Resume();
            throw;
        }
        catch (QueuedException)
        {
            grant.Lose();
            throw;
        }
    }

    /// <summary>Waits, again and again, until something is so.</summary>
    /// <param name="grant">The lock, acquired from this condition.</param>
    /// <param name="predicate">What is to be so. Called while the lock is held, at first before any wait.</param>
    /// <param name="timeout">How long in all, 0 or more. Null (the default): without end.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>False: the time is over, and it is not so.</returns>
    /// <exception cref="GrantLostException">The lock was not held any more.</exception>
    public async Task<bool> WaitForAsync(
        Grant grant,
        Func<CancellationToken, ValueTask<bool>> predicate,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        var limit = CheckTimeout(timeout);
        var since = Clock.GetTimestamp();
        while (!await predicate(cancellationToken).ConfigureAwait(false))
        {
            var left = limit - Clock.GetElapsedTime(since);
            if (left <= TimeSpan.Zero)
                return false;
            await WaitAsync(grant, left, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Wakes those that have waited longest. The lock must be held, by any handle of the client.</summary>
    /// <param name="count">How many at most, 1 or more.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>How many were woken.</returns>
    /// <exception cref="PreconditionFailedException">The lock is not held.</exception>
    public Task<int> NotifyAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return WakeAsync((uint)count, cancellationToken);
    }

    /// <summary>Wakes all that wait. The lock must be held, by any handle of the client.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>How many were woken.</returns>
    /// <exception cref="PreconditionFailedException">The lock is not held.</exception>
    public Task<int> NotifyAllAsync(CancellationToken cancellationToken = default) => WakeAsync(0, cancellationToken);

    private async Task<int> WakeAsync(uint count, CancellationToken cancellationToken)
    {
        var request = new Proto.NotifyConditionRequest { Name = Name, Count = count };
        var result = await CallAsync(
            new Proto.SessionOperation { NotifyCondition = request }, cancellationToken).ConfigureAwait(false);
        return (int)result.NotifyCondition.NotifiedCount;
    }
}
