namespace Queued.Client;

public sealed partial class QueuedClient
{
    /// <inheritdoc/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        string handler, IEnumerable<TIn> inputs, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        string handler, IAsyncEnumerable<TIn> inputs, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        string handler, IEnumerable<TIn> inputs, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        string handler, IAsyncEnumerable<TIn> inputs, MapOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();
}
