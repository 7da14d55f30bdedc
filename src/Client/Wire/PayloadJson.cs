using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Queued.Client.Wire;

/// <summary>Inputs and results as JSON, with the metadata that the client's options give.</summary>
internal sealed class PayloadJson
{
    private readonly JsonSerializerOptions _options;

    public PayloadJson(JsonSerializerOptions? options)
    {
        _options = new JsonSerializerOptions(options ?? new JsonSerializerOptions(JsonSerializerDefaults.Web));
        if (_options.TypeInfoResolver is null && JsonSerializer.IsReflectionEnabledByDefault)
            _options.TypeInfoResolver = Reflection();
        if (_options.TypeInfoResolver is not null)
            _options.MakeReadOnly();
    }

    public JsonTypeInfo<T> Info<T>()
    {
        try
        {
            if (_options.TypeInfoResolver is not null)
                return (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T));
        }
        catch (NotSupportedException exception)
        {
            throw Missing(typeof(T), exception);
        }

        throw Missing(typeof(T), null);
    }

    public TaskPayload Write<T>(T value) =>
        new(JsonSerializer.SerializeToUtf8Bytes(value, Info<T>()), TaskPayload.JsonContentType);

    /// <exception cref="UnreadableResultException">It is not JSON of this type.</exception>
    public T Read<T>(TaskPayload payload) => ResultJson.Read(payload.Data.Span, Info<T>());

    private static InvalidOperationException Missing(Type type, Exception? inner) => new(
        $"There is no JSON metadata for {type}. Make it known with [JsonSerializable] in a JsonSerializerContext, "
        + $"and give {nameof(QueuedClientOptions)}.{nameof(QueuedClientOptions.JsonSerializerOptions)} "
        + "with that as its TypeInfoResolver.",
        inner);

    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "Only where reflection is on, which trimming turns off.")]
    [UnconditionalSuppressMessage(
        "AOT", "IL3050", Justification = "Only where reflection is on, which native AOT turns off.")]
    private static DefaultJsonTypeInfoResolver Reflection() => new();
}
