using System.Text.Json.Serialization.Metadata;
using Queued.Worker.Chunks;

namespace Queued.Client.Maps;

/// <summary>How the inputs of a map become payloads.</summary>
internal sealed record MapCodec<TIn, TOut>(string Handler, JsonTypeInfo<TIn> Input, JsonTypeInfo<TOut> Output)
{
    public ChunkValue<TIn> InputValue { get; } = new(Input);

    public ChunkValue<TOut> OutputValue { get; } = new(Output);

    /// <summary>Content type of a payload with one input alone. Null: one input is a chunk of one.</summary>
    public string? SingleContentType { get; init; } = ChunkPayload.AskingContentType;

    public string ChunkContentType { get; init; } = ChunkPayload.ContentType;

    /// <summary>JSON before the array of inputs.</summary>
    public ReadOnlyMemory<byte> Before { get; init; }

    /// <summary>JSON after it.</summary>
    public ReadOnlyMemory<byte> After { get; init; }
}
