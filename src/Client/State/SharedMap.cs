using System.Runtime.CompilerServices;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A small map by name, from keys of 1 to 256 characters to values as those of <see cref="SharedValue{T}"/>: at most
/// 1 MiB each and 64 MiB in all. Each operation is one step.
/// </summary>
/// <typeparam name="T">Type of the values.</typeparam>
public sealed class SharedMap<T> : SharedObject
{
    private const int PageSize = 1000;

    private readonly StateCodec<T> _codec;

    internal SharedMap(StateAccess access, string name, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.Map }, keep) =>
        _codec = new StateCodec<T>(access.Json, name);

    /// <summary>Reads a value.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="KeyNotFoundException">There is none of that key.</exception>
    /// <exception cref="UnreadableResultException">It is not of this type.</exception>
    public async Task<T> GetAsync(string key, CancellationToken cancellationToken = default) =>
        (await FindAsync(key, cancellationToken).ConfigureAwait(false)
            ?? throw new KeyNotFoundException($"The map '{Name}' has no key '{key}'.")).Value;

    /// <summary>Reads an entry.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>Null: there is none of that key.</returns>
    /// <exception cref="UnreadableResultException">It is not of this type.</exception>
    public async Task<SharedMapEntry<T>?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var request = new Proto.ReadMapRequest { Name = Name, Keys = { key } };
        var response = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
        return response.Entries.Count > 0 ? ToEntry(response.Entries[0]) : null;
    }

    /// <summary>Reads all entries, in the order of their keys, page by page: not all at one moment.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UnreadableResultException">A value is not of this type.</exception>
    public async IAsyncEnumerable<SharedMapEntry<T>> EntriesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var token = "";
        do
        {
            var request = new Proto.ReadMapRequest { Name = Name, PageSize = PageSize, PageToken = token };
            var page = await ReadAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (var entry in page.Entries)
                yield return ToEntry(entry);
            token = page.NextPageToken;
        }
        while (token.Length > 0);
    }

    /// <summary>How many entries it has.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public async Task<int> CountAsync(CancellationToken cancellationToken = default) => (int)(await ReadAsync(
        new Proto.ReadMapRequest { Name = Name, PageSize = 1 }, cancellationToken).ConfigureAwait(false)).TotalCount;

    /// <summary>Writes a value, whatever is there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="InvalidRequestException">The key or the value is too large.</exception>
    public Task SetAsync(string key, T value, CancellationToken cancellationToken = default) =>
        WriteAsync([Change(key, value)], cancellationToken);

    /// <summary>Writes many values in one step.</summary>
    /// <param name="values">At most 1000, of different keys.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="InvalidRequestException">A key or a value is too large, or there are too many.</exception>
    public Task SetManyAsync(
        IEnumerable<KeyValuePair<string, T>> values, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        return WriteAsync(values.Select(value => Change(value.Key, value.Value)), cancellationToken);
    }

    /// <summary>Writes a value where there is none.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>False: there is one, and nothing was changed.</returns>
    /// <exception cref="InvalidRequestException">The key or the value is too large.</exception>
    public Task<bool> TryAddAsync(string key, T value, CancellationToken cancellationToken = default) =>
        TrySetAsync(key, value, 0, cancellationToken);

    /// <summary>Writes a value if the entry is still of a version.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value.</param>
    /// <param name="version">That of the entry as it was read. 0: there was none.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>False: it is of another, and nothing was changed.</returns>
    /// <exception cref="InvalidRequestException">The key or the value is too large.</exception>
    public async Task<bool> TrySetAsync(
        string key, T value, long version, CancellationToken cancellationToken = default)
    {
        var change = Change(key, value);
        change.ExpectedVersion = (ulong)version;
        return (await WriteAsync([change], cancellationToken).ConfigureAwait(false)).Written;
    }

    /// <summary>
    /// Changes a value in one step: where somebody else was faster the change is made again, of what is there then.
    /// </summary>
    /// <param name="key">Its key.</param>
    /// <param name="update">
    /// Makes the new value of the old one, which is the default of the type where there is none. May be called more
    /// than once.
    /// </param>
    /// <param name="cancellationToken">Stops it between two tries.</param>
    /// <returns>The new value.</returns>
    /// <exception cref="InvalidRequestException">The key or the value is too large.</exception>
    public async Task<T> UpdateAsync(string key, Func<T?, T> update, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(update);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = await FindAsync(key, cancellationToken).ConfigureAwait(false);
            var next = update(entry is null ? default : entry.Value);
            if (await TrySetAsync(key, next, entry?.Version ?? 0, cancellationToken).ConfigureAwait(false))
                return next;
        }
    }

    /// <summary>Removes an entry.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>The entry as it was. Null: there was none.</returns>
    /// <exception cref="UnreadableResultException">It was not of this type. It is removed.</exception>
    public async Task<SharedMapEntry<T>?> RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        var written = await WriteAsync([new Proto.MapChange { Key = key }], cancellationToken).ConfigureAwait(false);
        return written.Previous.Count > 0 ? ToEntry(written.Previous[0]) : null;
    }

    /// <summary>Removes all entries.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task ClearAsync(CancellationToken cancellationToken = default) => CallAsync(
        new Proto.SessionOperation { WriteMap = new Proto.WriteMapRequest { Name = Name, Clear = true } },
        cancellationToken);

    private SharedMapEntry<T> ToEntry(Proto.MapEntry entry) =>
        new(entry.Key, _codec.Read(entry.Payload), (long)entry.Version);

    private Proto.MapChange Change(string key, T value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new Proto.MapChange { Key = key, Payload = _codec.Write(value) };
    }

    private async Task<Proto.ReadMapResponse> ReadAsync(
        Proto.ReadMapRequest request, CancellationToken cancellationToken) =>
        (await CallAsync(new Proto.SessionOperation { ReadMap = request }, cancellationToken)
            .ConfigureAwait(false)).ReadMap;

    private async Task<Proto.WriteMapResponse> WriteAsync(
        IEnumerable<Proto.MapChange> changes, CancellationToken cancellationToken)
    {
        var request = new Proto.WriteMapRequest { Name = Name, Changes = { changes } };
        StateSize.Check(request, nameof(changes));
        return (await CallAsync(new Proto.SessionOperation { WriteMap = request }, cancellationToken)
            .ConfigureAwait(false)).WriteMap;
    }
}

/// <summary>An entry of a shared map, as it was read.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Version">Grows with each change of the map; the entry has that of its last one.</param>
public sealed record SharedMapEntry<T>(string Key, T Value, long Version);
