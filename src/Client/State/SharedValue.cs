using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A value by name, of any type: <c>byte[]</c>, <c>ReadOnlyMemory&lt;byte&gt;</c> and <see cref="TaskPayload"/> as they
/// are, all others as JSON with the client's options. At most 1 MiB.
/// </summary>
/// <typeparam name="T">Its type. Each process may have its own, if the JSON fits.</typeparam>
public sealed class SharedValue<T> : SharedObject
{
    private readonly StateCodec<T> _codec;

    internal SharedValue(StateAccess access, string name, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.Value }, keep) =>
        _codec = new StateCodec<T>(access.Json, name);

    /// <summary>Reads it.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>The value; the default of the type where it was never written.</returns>
    /// <exception cref="UnreadableResultException">It is not of this type.</exception>
    public async Task<T?> GetAsync(CancellationToken cancellationToken = default) =>
        (await ReadAsync(cancellationToken).ConfigureAwait(false)).Value;

    /// <summary>Reads it with its version, for <see cref="TrySetAsync"/>.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="UnreadableResultException">It is not of this type.</exception>
    public async Task<VersionedValue<T>> ReadAsync(CancellationToken cancellationToken = default)
    {
        var request = new Proto.ReadValueRequest { Name = Name };
        var result = await CallAsync(new Proto.SessionOperation { ReadValue = request }, cancellationToken)
            .ConfigureAwait(false);
        return Versioned(result.ReadValue.Payload, result.ReadValue.Version);
    }

    /// <summary>Writes it, whatever is there.</summary>
    /// <param name="value">Its new value.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>Its new version.</returns>
    /// <exception cref="InvalidRequestException">The value is too large.</exception>
    public async Task<long> SetAsync(T value, CancellationToken cancellationToken = default) =>
        (long)(await WriteAsync(value, null, cancellationToken).ConfigureAwait(false)).Version;

    /// <summary>Writes it if it is still of a version.</summary>
    /// <param name="value">Its new value.</param>
    /// <param name="version">The version that was read. 0: it was never written.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>False: somebody has written it since, and nothing was changed.</returns>
    /// <exception cref="InvalidRequestException">The value is too large.</exception>
    public async Task<bool> TrySetAsync(T value, long version, CancellationToken cancellationToken = default) =>
        (await WriteAsync(value, version, cancellationToken).ConfigureAwait(false)).Written;

    /// <summary>Changes it in one step: where somebody else was faster the change is made again, of what is there then.
    /// </summary>
    /// <param name="update">
    /// Makes the new value of the old one, which is the default of the type where it was never written. May be called
    /// more than once.
    /// </param>
    /// <param name="cancellationToken">Stops it between two tries.</param>
    /// <returns>The new value.</returns>
    /// <exception cref="InvalidRequestException">The value is too large.</exception>
    /// <exception cref="UnreadableResultException">What is there is not of this type.</exception>
    public async Task<T> UpdateAsync(Func<T?, T> update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        var current = await ReadAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var next = update(current.Value);
            var written = await WriteAsync(next, current.Version, cancellationToken).ConfigureAwait(false);
            if (written.Written)
                return next;
            cancellationToken.ThrowIfCancellationRequested();
            current = Versioned(written.Payload, written.Version);
        }
    }

    private VersionedValue<T> Versioned(Proto.Payload? payload, ulong version) =>
        new(payload is null ? default : _codec.Read(payload), (long)version);

    private async Task<Proto.WriteValueResponse> WriteAsync(
        T value, long? version, CancellationToken cancellationToken)
    {
        var request = new Proto.WriteValueRequest { Name = Name, Payload = _codec.Write(value) };
        if (version is { } expected)
            request.ExpectedVersion = (ulong)expected;
        var result = await CallAsync(new Proto.SessionOperation { WriteValue = request }, cancellationToken)
            .ConfigureAwait(false);
        return result.WriteValue;
    }
}

/// <summary>A value as it was read.</summary>
/// <typeparam name="T">Its type.</typeparam>
/// <param name="Value">The value; the default of the type where it was never written.</param>
/// <param name="Version">How often it was written. 0: never.</param>
public readonly record struct VersionedValue<T>(T? Value, long Version);
