using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>An event by name: set or not. It is not set when it is made.</summary>
public sealed class SharedEvent : SharedObject
{
    internal SharedEvent(StateAccess access, string name, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.Event }, keep)
    {
    }

    /// <summary>Sets it: all that wait go on, and nobody waits until it is cleared.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task SetAsync(CancellationToken cancellationToken = default) => SetAsync(false, cancellationToken);

    /// <summary>Clears it: who comes from now on waits.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task ClearAsync(CancellationToken cancellationToken = default) => SetAsync(true, cancellationToken);

    /// <summary>Whether it is set.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task<bool> IsSetAsync(CancellationToken cancellationToken = default) =>
        WaitAsync(TimeSpan.Zero, cancellationToken);

    /// <summary>Waits until it is set.</summary>
    /// <param name="timeout">How long, 0 or more. Null (the default): without end.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    /// <returns>False: the time is over.</returns>
    public async Task<bool> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var time = CheckTimeout(timeout);
        var request = new Proto.WaitEventRequest { Name = Name };
        var result = await WaitAsync(
            await UseAsync(cancellationToken).ConfigureAwait(false),
            new Proto.SessionOperation { WaitEvent = request },
            time,
            wait => request.Wait = wait,
            cancellationToken).ConfigureAwait(false);
        return result is { WaitEvent.Set: true };
    }

    private Task<Proto.SessionResult> SetAsync(bool clear, CancellationToken cancellationToken) => CallAsync(
        new Proto.SessionOperation { SetEvent = new Proto.SetEventRequest { Name = Name, Clear = clear } },
        cancellationToken);
}
