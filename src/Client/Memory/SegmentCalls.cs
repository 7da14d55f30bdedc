using Queued.Client.Sessions;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>Segments over the client's session.</summary>
internal sealed class SegmentCalls(DaemonCalls daemon, ClientSession session) : ISharedMemorySegments
{
    public async Task<SharedMemory> CreateAsync(string? name, long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        var connection = session.Current;
        var result = await connection.CallAsync(
            new Proto.SessionOperation
            {
                CreateSegment = new Proto.CreateSegmentRequest { Name = name ?? "", SizeBytes = (ulong)bytes },
            },
            cancellationToken).ConfigureAwait(false);
        return await SharedMemory.MapAsync(connection, result.CreateSegment.Segment).ConfigureAwait(false);
    }

    public Task<SharedMemory> OpenAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return OpenAsync(new Proto.OpenSegmentRequest { Name = name }, cancellationToken);
    }

    public Task<SharedMemory> OpenAsync(long id, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(id);
        return OpenAsync(new Proto.OpenSegmentRequest { SegmentId = (ulong)id }, cancellationToken);
    }

    public Task UnlinkAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return SharedMemory.UnlinkAsync(session.Current, name, cancellationToken);
    }

    public IAsyncEnumerable<SharedMemoryInfo> ListAsync(CancellationToken cancellationToken) => daemon.ListAsync(
        daemon.Memory.ListSegmentsAsync,
        (size, token) => new Proto.ListSegmentsRequest { PageSize = (uint)size, PageToken = token },
        page => (page.Segments.Select(ToInfo), page.NextPageToken),
        cancellationToken);

    private async Task<SharedMemory> OpenAsync(
        Proto.OpenSegmentRequest request, CancellationToken cancellationToken)
    {
        var connection = session.Current;
        var result = await connection.CallAsync(
            new Proto.SessionOperation { OpenSegment = request }, cancellationToken).ConfigureAwait(false);
        return await SharedMemory.MapAsync(connection, result.OpenSegment.Segment).ConfigureAwait(false);
    }

    private static SharedMemoryInfo ToInfo(Proto.SegmentInfo wire) => new()
    {
        Id = (long)wire.Segment.SegmentId,
        Name = wire.Segment.Name.Length == 0 ? null : wire.Segment.Name,
        Length = (long)wire.Segment.SizeBytes,
        Path = wire.Segment.Path,
        Users = [.. wire.Users],
        Task = wire.TaskId == 0 ? null : new TaskId(wire.TaskId),
        CreatedAt = wire.CreatedAt.ToTime() ?? default,
    };
}
