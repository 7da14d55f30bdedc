using System.Runtime.CompilerServices;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// A small list by name, of values as those of <see cref="SharedValue{T}"/>: at most 1 MiB each and 64 MiB in all. Each
/// operation is one step. Places count from 0; below 0 from the end, -1 being the last.
/// </summary>
/// <typeparam name="T">Type of the items.</typeparam>
public sealed class SharedList<T> : SharedObject
{
    // What the daemon reads, and takes, in one operation.
    private const int BatchMax = 1000;
    private const int BatchBytes = 8 * 1024 * 1024;

    private readonly StateCodec<T> _codec;

    internal SharedList(StateAccess access, string name, bool keep)
        : base(access, name, new Proto.StateSpec { Kind = Proto.StateKind.List }, keep) =>
        _codec = new StateCodec<T>(access.Json, name);

    /// <summary>How many items it has.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public async Task<int> CountAsync(CancellationToken cancellationToken = default) =>
        (int)(await ReadAsync(0, 1, cancellationToken).ConfigureAwait(false)).TotalCount;

    /// <summary>Reads one item.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    /// <exception cref="UnreadableResultException">It is not of this type.</exception>
    public async Task<T> GetAsync(long index, CancellationToken cancellationToken = default)
    {
        var response = await ReadAsync(index, 1, cancellationToken).ConfigureAwait(false);
        // What lies before the first is read from the first on.
        return response.Items.Count > 0 && index >= -(long)response.TotalCount
            ? _codec.Read(response.Items[0])
            : throw NotThere(index);
    }

    /// <summary>Reads items, all at one moment.</summary>
    /// <param name="start">Place of the first.</param>
    /// <param name="count">How many at most, 1 to 1000.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>Those that are there.</returns>
    /// <exception cref="UnreadableResultException">One is not of this type.</exception>
    public async Task<IReadOnlyList<T>> GetRangeAsync(
        long start, int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var response = await ReadAsync(start, count, cancellationToken).ConfigureAwait(false);
        return [.. response.Items.Select(_codec.Read)];
    }

    /// <summary>Reads all items, in their order, page by page: not all at one moment.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="UnreadableResultException">One is not of this type.</exception>
    public async IAsyncEnumerable<T> ItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var start = 0L; ;)
        {
            var page = await ReadAsync(start, BatchMax, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
                yield return _codec.Read(item);
            start += page.Items.Count;
            if (page.Items.Count == 0 || start >= (long)page.TotalCount)
                yield break;
        }
    }

    /// <summary>Adds an item at the end.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="InvalidRequestException">It is too large.</exception>
    public Task AddAsync(T item, CancellationToken cancellationToken = default) => WriteAsync(
        new Proto.WriteListRequest { Append = true, Items = { _codec.Write(item) } }, cancellationToken);

    /// <summary>Adds items at the end, at most 1000 and 8 MiB in one step.</summary>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Stops it between two steps.</param>
    /// <exception cref="InvalidRequestException">One is too large; those before it may have been added.</exception>
    public async Task AddRangeAsync(IEnumerable<T> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        var request = new Proto.WriteListRequest { Append = true };
        var bytes = 0;
        foreach (var item in items)
        {
            var payload = _codec.Write(item);
            bytes += payload.CalculateSize();
            if (request.Items.Count == BatchMax || (bytes > BatchBytes && request.Items.Count > 0))
            {
                await WriteAsync(request, cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                (request, bytes) = (new Proto.WriteListRequest { Append = true }, payload.CalculateSize());
            }

            request.Items.Add(payload);
        }

        if (request.Items.Count > 0)
            await WriteAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts an item in the place of another.</summary>
    /// <param name="index">The place.</param>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="InvalidRequestException">There is none at that place, or the item is too large.</exception>
    public Task SetAsync(long index, T item, CancellationToken cancellationToken = default) => WriteAsync(
        new Proto.WriteListRequest { Start = index, RemoveCount = 1, Items = { _codec.Write(item) } },
        cancellationToken);

    /// <summary>Puts an item before another.</summary>
    /// <param name="index">The place; that after the last is allowed.</param>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="InvalidRequestException">There is no such place, or the item is too large.</exception>
    public Task InsertAsync(long index, T item, CancellationToken cancellationToken = default) => WriteAsync(
        new Proto.WriteListRequest { Start = index, Items = { _codec.Write(item) } }, cancellationToken);

    /// <summary>Takes an item out.</summary>
    /// <param name="index">Its place. -1 (the default): the last.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    /// <exception cref="UnreadableResultException">It was not of this type. It is removed.</exception>
    public async Task<T> PopAsync(long index = -1, CancellationToken cancellationToken = default)
    {
        var removed = await RemoveRangeAsync(index, 1, cancellationToken).ConfigureAwait(false);
        return removed.Count > 0 ? removed[0] : throw NotThere(index);
    }

    /// <summary>Takes items out.</summary>
    /// <param name="start">Place of the first.</param>
    /// <param name="count">How many at most, 1 to 1000.</param>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    /// <returns>Those that were there.</returns>
    /// <exception cref="UnreadableResultException">One was not of this type. They are removed.</exception>
    public async Task<IReadOnlyList<T>> RemoveRangeAsync(
        long start, int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var request = new Proto.WriteListRequest { Start = start, RemoveCount = (uint)count };
        var response = await WriteAsync(request, cancellationToken).ConfigureAwait(false);
        return [.. response.Removed.Select(_codec.Read)];
    }

    /// <summary>Removes all items.</summary>
    /// <param name="cancellationToken">Is not heard once the operation was sent.</param>
    public Task ClearAsync(CancellationToken cancellationToken = default) =>
        WriteAsync(new Proto.WriteListRequest { Clear = true }, cancellationToken);

    private async Task<Proto.ReadListResponse> ReadAsync(
        long start, int count, CancellationToken cancellationToken)
    {
        var request = new Proto.ReadListRequest { Name = Name, Start = start, Count = (uint)count };
        return (await CallAsync(new Proto.SessionOperation { ReadList = request }, cancellationToken)
            .ConfigureAwait(false)).ReadList;
    }

    private async Task<Proto.WriteListResponse> WriteAsync(
        Proto.WriteListRequest request, CancellationToken cancellationToken)
    {
        request.Name = Name;
        StateSize.Check(request, "items");
        return (await CallAsync(new Proto.SessionOperation { WriteList = request }, cancellationToken)
            .ConfigureAwait(false)).WriteList;
    }

    private ArgumentOutOfRangeException NotThere(long index) =>
        new(nameof(index), index, $"The list '{Name}' has no item there.");
}
