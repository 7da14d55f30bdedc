using Queued.Client.Sessions;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

public sealed partial class QueuedClient
{
    /// <inheritdoc/>
    public PipeEnd<T> Pipe<T>(
        string name, PipeSide side = PipeSide.Any, PipeMode mode = PipeMode.Duplex, long bufferBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new PipeEnd<T>(_session, _json, new Proto.OpenPipeRequest
        {
            Name = name,
            Side = (Proto.PipeSide)side,
            Mode = mode == PipeMode.OneWay ? Proto.PipeMode.OneWay : Proto.PipeMode.Duplex,
            BufferBytes = bufferBytes.ToCount("buffer_bytes"),
        });
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<PipeInfo> ListPipesAsync(CancellationToken cancellationToken = default) =>
        _daemon.ListAsync(
            _daemon.Pipes.ListPipesAsync,
            (size, token) => new Proto.ListPipesRequest { PageSize = (uint)size, PageToken = token },
            page => (page.Pipes.Select(ToInfo), page.NextPageToken),
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<int>> WaitAnyAsync(
        IReadOnlyList<WaitTarget> targets, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentOutOfRangeException.ThrowIfZero(targets.Count);
        var wait = timeout ?? Timeout.InfiniteTimeSpan;
        if (wait != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero, nameof(timeout));
        return AnyWait.RunAsync(_session, _clock, targets, wait, cancellationToken);
    }

    private static PipeInfo ToInfo(Proto.PipeInfo pipe) => new()
    {
        Name = pipe.Name,
        Mode = pipe.Mode == Proto.PipeMode.OneWay ? PipeMode.OneWay : PipeMode.Duplex,
        BufferBytes = (long)pipe.BufferBytes,
        First = ToInfo(pipe.First),
        Second = ToInfo(pipe.Second),
    };

    private static PipeEndInfo ToInfo(Proto.PipeEndInfo end) => new()
    {
        Holder = end.Holder,
        IsClosed = end.Closed,
        WaitingMessages = (long)end.WaitingMessages,
        WaitingBytes = (long)end.WaitingBytes,
    };
}
