using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A barrier by name: so many go on together, round after round. When one that waits dies, waits for too long or is
/// cancelled, it breaks: all others hear <see cref="BarrierBrokenException"/>, and so does everybody who comes later,
/// until it is reset.
/// </summary>
public sealed class SharedBarrier : SharedObject
{
    internal SharedBarrier(StateAccess access, string name, int parties, bool keep)
        : base(access, name, Spec(parties), keep) => Parties = parties;

    /// <summary>How many go on together, 1 to 10 000.</summary>
    public int Parties { get; }

    /// <summary>Waits until as many wait as there are parties.</summary>
    /// <param name="timeout">How long, 0 or more. Null (the default): without end.</param>
    /// <param name="cancellationToken">Stops the wait, which breaks the barrier.</param>
    /// <returns>Place in the order of coming, from 0: one of them is 0, and can do what one has to.</returns>
    /// <exception cref="BarrierBrokenException">It is broken, or the time is over, which breaks it.</exception>
    public async Task<int> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var time = CheckTimeout(timeout);
        var request = new Proto.WaitBarrierRequest { Name = Name };
        var result = await WaitAsync(
            await UseAsync(cancellationToken).ConfigureAwait(false),
            new Proto.SessionOperation { WaitBarrier = request },
            time,
            wait => request.Wait = wait,
            cancellationToken).ConfigureAwait(false);
        return result is not null ? (int)result.WaitBarrier.Place : throw ErrorMapping.Make(new ErrorDetails(
            "BARRIER_BROKEN", $"Not all have come to the barrier '{Name}' within {timeout}, and it is broken."));
    }

    /// <summary>Breaks it. It stays broken until it is reset.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task AbortAsync(CancellationToken cancellationToken = default) => ResetAsync(true, cancellationToken);

    /// <summary>Makes it new; who waits at it hears <see cref="BarrierBrokenException"/>.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task ResetAsync(CancellationToken cancellationToken = default) => ResetAsync(false, cancellationToken);

    private Task<Proto.SessionResult> ResetAsync(bool abort, CancellationToken cancellationToken) => CallAsync(
        new Proto.SessionOperation { ResetBarrier = new Proto.ResetBarrierRequest { Name = Name, Abort = abort } },
        cancellationToken);

    private static Proto.StateSpec Spec(int parties)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parties, 1);
        return new Proto.StateSpec { Kind = Proto.StateKind.Barrier, Parties = (uint)parties };
    }
}
