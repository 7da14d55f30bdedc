using Queued.Worker;

namespace Queued.Client;

public sealed partial class ProcessPool
{
    /// <summary>
    /// Runs a function over every input and gives the results. Inputs are read lazily, on another thread, at most
    /// <see cref="MapOptions.Window"/> ahead of the results that were taken; short ones share a task. To leave the loop
    /// early cancels what is under way.
    /// </summary>
    /// <typeparam name="TIn">Type of the inputs.</typeparam>
    /// <typeparam name="TOut">Type of the results.</typeparam>
    /// <param name="function">The function.</param>
    /// <param name="inputs">The inputs; may be endless.</param>
    /// <param name="options">How. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the map and cancels what is under way.</param>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        Func<TIn, TOut> function,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.OutputsAsync(
            Codec<TIn, TOut>(function), null, Checked(inputs), QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc cref="MapAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        Func<TIn, TOut> function,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.OutputsAsync(
            Codec<TIn, TOut>(function), Checked(inputs), null, QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc cref="MapAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        Func<TIn, Task<TOut>> function,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.OutputsAsync(
            Codec<TIn, TOut>(function), null, Checked(inputs), QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc cref="MapAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        Func<TIn, Task<TOut>> function,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.OutputsAsync(
            Codec<TIn, TOut>(function), Checked(inputs), null, QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc cref="MapAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        Func<TIn, TaskContext, Task<TOut>> function,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.OutputsAsync(
            Codec<TIn, TOut>(function), null, Checked(inputs), QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc cref="MapAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<TOut> MapAsync<TIn, TOut>(
        Func<TIn, TaskContext, Task<TOut>> function,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.OutputsAsync(
            Codec<TIn, TOut>(function), Checked(inputs), null, QueuedClient.Checked(options), cancellationToken);

    /// <summary>
    /// Runs a function over every input and gives each result or error beside its input, where
    /// <see cref="MapAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/> ends at the
    /// first input that fails.
    /// </summary>
    /// <typeparam name="TIn">Type of the inputs.</typeparam>
    /// <typeparam name="TOut">Type of the results.</typeparam>
    /// <param name="function">The function.</param>
    /// <param name="inputs">The inputs; may be endless.</param>
    /// <param name="options">How. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the map and cancels what is under way.</param>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        Func<TIn, TOut> function,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.ResultsAsync(
            Codec<TIn, TOut>(function), null, Checked(inputs), QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc
    /// cref="MapResultsAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        Func<TIn, TOut> function,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.ResultsAsync(
            Codec<TIn, TOut>(function), Checked(inputs), null, QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc
    /// cref="MapResultsAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        Func<TIn, Task<TOut>> function,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.ResultsAsync(
            Codec<TIn, TOut>(function), null, Checked(inputs), QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc
    /// cref="MapResultsAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        Func<TIn, Task<TOut>> function,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.ResultsAsync(
            Codec<TIn, TOut>(function), Checked(inputs), null, QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc
    /// cref="MapResultsAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        Func<TIn, TaskContext, Task<TOut>> function,
        IEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.ResultsAsync(
            Codec<TIn, TOut>(function), null, Checked(inputs), QueuedClient.Checked(options), cancellationToken);

    /// <inheritdoc
    /// cref="MapResultsAsync{TIn, TOut}(Func{TIn, TOut}, IEnumerable{TIn}, MapOptions?, CancellationToken)"/>
    public IAsyncEnumerable<MapResult<TIn, TOut>> MapResultsAsync<TIn, TOut>(
        Func<TIn, TaskContext, Task<TOut>> function,
        IAsyncEnumerable<TIn> inputs,
        MapOptions? options = null,
        CancellationToken cancellationToken = default) =>
        _client.ResultsAsync(
            Codec<TIn, TOut>(function), Checked(inputs), null, QueuedClient.Checked(options), cancellationToken);

    private static T Checked<T>(T inputs)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs;
    }
}
