using Google.Protobuf.WellKnownTypes;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// Something that is acquired, and held until it is released: who waits for it is served in the order of coming. What a
/// client holds is released at once when it dies.
/// </summary>
public abstract class SharedAcquirable : SharedObject
{
    private readonly ulong _owner;

    private protected SharedAcquirable(
        StateAccess access, string name, Proto.StateSpec spec, bool keep, ulong owner = 0)
        : base(access, name, spec, keep) => _owner = owner;

    /// <summary>Waits until it has it.</summary>
    /// <param name="timeout">How long, 0 or more. Null (the default): without end.</param>
    /// <param name="lease">
    /// The grant ends after so much time, 10 milliseconds to 30 days, also where the client still lives. Null (the
    /// default): it lasts as long as the client's session.
    /// </param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>The grant. To dispose of it is to release it.</returns>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="InvalidRequestException">The lease is too short or too long.</exception>
    public async Task<Grant> AcquireAsync(
        TimeSpan? timeout = null, TimeSpan? lease = null, CancellationToken cancellationToken = default) =>
        await AcquireAsync(CheckTimeout(timeout), lease, consume: false, cancellationToken).ConfigureAwait(false)
        ?? throw new TimeoutException($"'{Name}' was not to be had within {timeout}.");

    /// <summary>Takes it if it is to be had within a time.</summary>
    /// <param name="timeout">How long to wait, 0 or more. 0 (the default): not at all.</param>
    /// <param name="lease">As of <see cref="AcquireAsync(TimeSpan?, TimeSpan?, CancellationToken)"/>.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>The grant. Null: the time is over.</returns>
    /// <exception cref="InvalidRequestException">The lease is too short or too long.</exception>
    public Task<Grant?> TryAcquireAsync(
        TimeSpan timeout = default, TimeSpan? lease = null, CancellationToken cancellationToken = default) =>
        AcquireAsync(CheckTimeout(timeout), lease, consume: false, cancellationToken);

    /// <returns>Null: the time is over. A grant of number 0: nobody holds what was acquired.</returns>
    private protected async Task<Grant?> AcquireAsync(
        TimeSpan? timeout, TimeSpan? lease, bool consume, CancellationToken cancellationToken)
    {
        var request = new Proto.AcquireRequest { Name = Name, Owner = _owner, Consume = consume };
        if (lease is { } time)
            request.Lease = Duration.FromTimeSpan(time);
        var connection = await UseAsync(cancellationToken).ConfigureAwait(false);
        var result = await WaitAsync(
            connection,
            new Proto.SessionOperation { Acquire = request },
            timeout,
            wait => request.Wait = wait,
            cancellationToken).ConfigureAwait(false);
        return result is { Acquire.Acquired: true }
            ? new Grant(connection, Name, result.Acquire.FencingToken, lease, Clock)
            : null;
    }
}

/// <summary>
/// A lock by name. Not reentrant: who holds it and acquires it again waits for himself, also through another handle.
/// </summary>
public sealed class SharedLock : SharedAcquirable
{
    internal SharedLock(StateAccess access, string name, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.Lock }, keep)
    {
    }
}

/// <summary>
/// A reentrant lock by name. Its owner is the handle: who acquires it again through the same handle has it at once,
/// with the same number, and it is free when every grant was released. Threads that exclude each other take a handle
/// each.
/// </summary>
public sealed class SharedRLock : SharedAcquirable
{
    internal SharedRLock(StateAccess access, string name, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.Rlock }, keep, StateOwner.Next())
    {
    }
}

/// <summary>
/// Permits by name. Each is held by who acquired it, and comes back when that client dies. Without a bound it also
/// serves as a signal: <see cref="TakeAsync"/> uses up what <see cref="ReleaseAsync"/> adds, and nobody holds it.
/// </summary>
public sealed class SharedSemaphore : SharedAcquirable
{
    internal SharedSemaphore(StateAccess access, string name, int permits, bool isBounded, bool keep)
        : base(access, name, Spec(permits, isBounded), keep)
    {
    }

    /// <summary>Uses up one permit; waits for it.</summary>
    /// <param name="timeout">How long, 0 or more. Null (the default): without end.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>False: the time is over.</returns>
    /// <exception cref="InvalidRequestException">The semaphore is bounded, and always has all its permits.</exception>
    public async Task<bool> TakeAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        await AcquireAsync(CheckTimeout(timeout), null, consume: true, cancellationToken).ConfigureAwait(false) != null;

    /// <summary>Adds permits, which nobody held. What is held is given back by its grant.</summary>
    /// <param name="count">How many, 1 to 1 000 000.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="PreconditionFailedException">The semaphore is bounded, and has all its permits.</exception>
    public async Task ReleaseAsync(int count = 1, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var request = new Proto.ReleaseRequest { Name = Name, AddPermits = (uint)count };
        await CallAsync(new Proto.SessionOperation { Release = request }, cancellationToken).ConfigureAwait(false);
    }

    private static Proto.StateSpec Spec(int permits, bool isBounded)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, isBounded ? 1 : 0);
        return new Proto.StateSpec
        {
            Kind = isBounded ? Proto.StateKind.BoundedSemaphore : Proto.StateKind.Semaphore,
            Permits = (uint)permits,
        };
    }
}

/// <summary>Numbers of the owners of reentrant locks.</summary>
internal static class StateOwner
{
    private static ulong _latest;

    public static ulong Next() => Interlocked.Increment(ref _latest);
}
