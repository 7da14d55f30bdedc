using System.Runtime.CompilerServices;
using Queued.Client.Maps;

namespace Queued.Client;

public sealed partial class QueuedClient
{
    /// <inheritdoc/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        string handler,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return OutputsAsync(Codec<TIn, TOut>(handler), null, inputs, Checked(options), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        string handler,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return OutputsAsync(Codec<TIn, TOut>(handler), inputs, null, Checked(options), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        string handler,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return ResultsAsync(Codec<TIn, TOut>(handler), null, inputs, Checked(options), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        string handler,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return ResultsAsync(Codec<TIn, TOut>(handler), inputs, null, Checked(options), cancellationToken);
    }

    internal async IAsyncEnumerable<TOut> OutputsAsync<TIn, TOut>(
        MapCodec<TIn, TOut> codec,
        IAsyncEnumerable<TIn>? asynchronous,
        IEnumerable<TIn>? synchronous,
        MapOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = new MapRun<TIn, TOut>(_stream, codec, options, _clock);
        var inputs = new MapInputs<TIn, TOut>(asynchronous, synchronous, options.Window, _clock);
        await foreach (var chunk in run.RunAsync(inputs, cancellationToken).ConfigureAwait(false))
        {
            for (var item = 0; item < chunk.Count; item++)
                yield return chunk.OutputOf(item);
        }
    }

    internal async IAsyncEnumerable<MapResult<TIn, TOut>> ResultsAsync<TIn, TOut>(
        MapCodec<TIn, TOut> codec,
        IAsyncEnumerable<TIn>? asynchronous,
        IEnumerable<TIn>? synchronous,
        MapOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var run = new MapRun<TIn, TOut>(_stream, codec, options, _clock);
        var inputs = new MapInputs<TIn, TOut>(asynchronous, synchronous, options.Window, _clock);
        await foreach (var chunk in run.RunAsync(inputs, cancellationToken).ConfigureAwait(false))
        {
            for (var item = 0; item < chunk.Count; item++)
                yield return chunk.ResultOf(item);
        }
    }

    internal static MapOptions Checked(MapOptions? options)
    {
        options ??= new MapOptions();
        options.Validate();
        return options;
    }

    private MapCodec<TIn, TOut> Codec<TIn, TOut>(string handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new MapCodec<TIn, TOut>(handler, _json.Info<TIn>(), _json.Info<TOut>());
    }
}
