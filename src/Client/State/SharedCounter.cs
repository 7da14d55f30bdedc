using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>A whole number of 64 bits by name. Each operation is one step: nothing comes between.</summary>
public sealed class SharedCounter : SharedObject
{
    internal SharedCounter(StateAccess access, string name, long initial, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.Counter, Initial = initial }, keep)
    {
    }

    /// <summary>Adds to it.</summary>
    /// <param name="delta">How much; below 0 to subtract.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>Its value after that.</returns>
    /// <exception cref="InvalidRequestException">The sum is more than 64 bits hold; nothing was changed.</exception>
    public async Task<long> AddAsync(long delta = 1, CancellationToken cancellationToken = default) =>
        (await CallAsync(new Proto.AddCounterRequest { Name = Name, Delta = delta }, cancellationToken)
            .ConfigureAwait(false)).Value;

    /// <summary>Reads it.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task<long> GetAsync(CancellationToken cancellationToken = default) => AddAsync(0, cancellationToken);

    /// <summary>Sets it.</summary>
    /// <param name="value">Its new value.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task SetAsync(long value, CancellationToken cancellationToken = default) =>
        CallAsync(new Proto.AddCounterRequest { Name = Name, Set = value }, cancellationToken);

    /// <summary>Sets it if it has an expected value, as <see cref="Interlocked"/> does.</summary>
    /// <param name="value">Its new value.</param>
    /// <param name="expected">The value that it is to have before.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>Its value before; it was set if that is the expected one.</returns>
    public async Task<long> CompareExchangeAsync(
        long value, long expected, CancellationToken cancellationToken = default)
    {
        var request = new Proto.AddCounterRequest { Name = Name, Set = value, Expected = expected };
        var response = await CallAsync(request, cancellationToken).ConfigureAwait(false);
        return response.Changed ? expected : response.Value;
    }

    private async Task<Proto.AddCounterResponse> CallAsync(
        Proto.AddCounterRequest request, CancellationToken cancellationToken) =>
        (await CallAsync(new Proto.SessionOperation { AddCounter = request }, cancellationToken)
            .ConfigureAwait(false)).AddCounter;
}
