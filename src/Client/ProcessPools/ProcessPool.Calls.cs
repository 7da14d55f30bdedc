using System.Buffers;
using System.Text.Json;
using Queued.Client.Maps;
using Queued.Client.ProcessPools;
using Queued.Worker;

namespace Queued.Client;

public sealed partial class ProcessPool
{
    /// <summary>Runs a function in a worker and waits for its result.</summary>
    /// <typeparam name="TIn">Type of the input.</typeparam>
    /// <typeparam name="TOut">Type of the result.</typeparam>
    /// <param name="function">The function.</param>
    /// <param name="input">Its input.</param>
    /// <param name="options">
    /// Everything else. Null: all defaults. Unless it says otherwise <see cref="SubmitOptions.ResultTtl"/> is 0: the
    /// result is delivered and not kept.
    /// </param>
    /// <param name="cancellationToken">Stops the wait and cancels the task.</param>
    public Task<TOut> RunAsync<TIn, TOut>(
        Func<TIn, TOut> function,
        TIn input,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(Codec<TIn, TOut>(function), input, options, cancellationToken);

    /// <inheritdoc cref="RunAsync{TIn, TOut}(Func{TIn, TOut}, TIn, SubmitOptions?, CancellationToken)"/>
    public Task<TOut> RunAsync<TIn, TOut>(
        Func<TIn, Task<TOut>> function,
        TIn input,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(Codec<TIn, TOut>(function), input, options, cancellationToken);

    /// <inheritdoc cref="RunAsync{TIn, TOut}(Func{TIn, TOut}, TIn, SubmitOptions?, CancellationToken)"/>
    public Task<TOut> RunAsync<TIn, TOut>(
        Func<TIn, TaskContext, Task<TOut>> function,
        TIn input,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(Codec<TIn, TOut>(function), input, options, cancellationToken);

    /// <summary>Submits a function to the workers. Completes when the daemon has it.</summary>
    /// <typeparam name="TIn">Type of the input.</typeparam>
    /// <typeparam name="TOut">Type of the result.</typeparam>
    /// <param name="function">The function.</param>
    /// <param name="input">Its input.</param>
    /// <param name="options">Everything else. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the call. The task may have been added all the same.</param>
    public Task<TaskHandle<TOut>> SubmitAsync<TIn, TOut>(
        Func<TIn, TOut> function,
        TIn input,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        SubmitAsync(Codec<TIn, TOut>(function), input, options, cancellationToken);

    /// <inheritdoc cref="SubmitAsync{TIn, TOut}(Func{TIn, TOut}, TIn, SubmitOptions?, CancellationToken)"/>
    public Task<TaskHandle<TOut>> SubmitAsync<TIn, TOut>(
        Func<TIn, Task<TOut>> function,
        TIn input,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        SubmitAsync(Codec<TIn, TOut>(function), input, options, cancellationToken);

    /// <inheritdoc cref="SubmitAsync{TIn, TOut}(Func{TIn, TOut}, TIn, SubmitOptions?, CancellationToken)"/>
    public Task<TaskHandle<TOut>> SubmitAsync<TIn, TOut>(
        Func<TIn, TaskContext, Task<TOut>> function,
        TIn input,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        SubmitAsync(Codec<TIn, TOut>(function), input, options, cancellationToken);

    private async Task<TOut> RunAsync<TIn, TOut>(
        MapCodec<TIn, TOut> codec, TIn input, SubmitOptions? options, CancellationToken cancellationToken)
    {
        var result = await _client.RunAsync(
            codec.Handler, Payload(codec, input), options, cancellationToken).ConfigureAwait(false);
        return CallPayload.ReadOne(result, codec.Output);
    }

    private Task<TaskHandle<TOut>> SubmitAsync<TIn, TOut>(
        MapCodec<TIn, TOut> codec, TIn input, SubmitOptions? options, CancellationToken cancellationToken) =>
        _client.SubmitAsync(
            codec.Handler,
            Payload(codec, input),
            result => CallPayload.ReadOne(result, codec.Output),
            options,
            cancellationToken);

    private static TaskPayload Payload<TIn, TOut>(MapCodec<TIn, TOut> codec, TIn input)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        MapPayload.Write(writer, buffer, codec, input, isChunk: true);
        return new TaskPayload(buffer.WrittenMemory, codec.ChunkContentType);
    }
}
