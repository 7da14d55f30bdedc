using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Queued.Worker.Chunks;

namespace Queued.Worker.Handlers;

/// <summary>Makes a typed handler out of JSON bytes and back.</summary>
internal static class JsonInvoker
{
    internal static Invoker Create<TIn, TOut>(
        JsonSerializerOptions json,
        Func<AttemptServices, TIn, TaskContext, Task<TOut>> handler)
    {
        var outputType = Metadata<TOut>(json);
        var (inputs, outputs) = (new ChunkValue<TIn>(Metadata<TIn>(json)), new ChunkValue<TOut>(outputType));
        return InvokeAsync;

        Task<TaskPayload> InvokeAsync(AttemptServices services, TaskPayload payload, TaskContext context) =>
            ChunkPayload.IsChunk(payload.ContentType)
                ? ChunkRun.RunAsync(
                    payload.Data,
                    outputs.Write,
                    input => handler(services, ReadJson(input.Span, inputs), context),
                    context.CancellationToken)
                : InvokeOnceAsync(services, payload, context);

        async Task<TaskPayload> InvokeOnceAsync(AttemptServices services, TaskPayload payload, TaskContext context)
        {
            var started = Stopwatch.GetTimestamp();
            var input = Read(payload, inputs);
            var output = await handler(services, input, context).ConfigureAwait(false);
            var contentType = ChunkPayload.NamesChunks(payload.ContentType)
                ? ChunkPayload.WithElapsed(ChunkPayload.AskingContentType, Stopwatch.GetElapsedTime(started))
                : TaskPayload.JsonContentType;
            return new TaskPayload(JsonSerializer.SerializeToUtf8Bytes(output, outputType), contentType);
        }
    }

    private static T Read<T>(TaskPayload payload, ChunkValue<T> value)
    {
        if (!IsJson(payload.ContentType))
        {
            throw new TaskRejectedException(
                $"The handler takes {TaskPayload.JsonContentType}, not {payload.ContentType}.");
        }

        return ReadJson(payload.Data.Span, value);
    }

    private static T ReadJson<T>(ReadOnlySpan<byte> json, ChunkValue<T> value)
    {
        try
        {
            return value.Read(json)!;
        }
        catch (JsonException error)
        {
            throw new TaskRejectedException($"The payload cannot be read as {typeof(T)}: {error.Message}", error);
        }
    }

    // A payload without a type, from a client that names none, is taken for what it should be.
    private static bool IsJson(string contentType)
    {
        var type = contentType.AsSpan();
        var parameters = type.IndexOf(';');
        if (parameters >= 0)
            type = type[..parameters];
        type = type.Trim();
        return type.IsEmpty
            || type.Equals(TaskPayload.JsonContentType, StringComparison.OrdinalIgnoreCase)
            || type.Equals("text/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static JsonTypeInfo<T> Metadata<T>(JsonSerializerOptions json)
    {
        try
        {
            return (JsonTypeInfo<T>)json.GetTypeInfo(typeof(T));
        }
        catch (NotSupportedException error)
        {
            throw new MissingJsonMetadataException(typeof(T), error);
        }
    }
}

internal sealed class MissingJsonMetadataException(Type type, Exception inner) : Exception(inner.Message, inner)
{
    internal Type Type { get; } = type;
}
