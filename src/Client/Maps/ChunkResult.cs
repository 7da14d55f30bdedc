using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Queued.Worker.Chunks;

namespace Queued.Client.Maps;

/// <summary>Reads the result of a chunk: an array of <c>{"ok": …}</c> and <c>{"error": {…}}</c>.</summary>
internal static class ChunkResult
{
    /// <exception cref="JsonException">It is not such an array, or a result is not of this type.</exception>
    /// <returns>How many inputs it speaks of.</returns>
    public static int Read<TOut>(
        ReadOnlySpan<byte> json,
        int most,
        JsonTypeInfo<TOut> type,
        Action<int, TOut> succeeded,
        Action<int, ChunkError> failed)
    {
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("The result of a chunk is a JSON array.");
        var item = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (item == most)
                throw new JsonException($"The result of a chunk of {most} inputs has more results.");
            reader.Read();
            if (reader.ValueTextEquals("ok"u8))
            {
                reader.Read();
                succeeded(item, JsonSerializer.Deserialize(ref reader, type)!);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                failed(item, ReadError(ref reader));
            }
            else
                throw new JsonException($"A result has 'ok' or 'error', not '{reader.GetString()}'.");

            if (!reader.Read() || reader.TokenType != JsonTokenType.EndObject)
                throw new JsonException("A result has one of 'ok' and 'error'.");
            item++;
        }

        return item;
    }

    private static ChunkError ReadError(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("An error is a JSON object.");
        var (kind, type, message, detail, delay, nonRetryable) = ("", "", "", "", TimeSpan.Zero, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "kind":
                    kind = reader.GetString() ?? "";
                    break;
                case "type":
                    type = reader.GetString() ?? "";
                    break;
                case "message":
                    message = reader.GetString() ?? "";
                    break;
                case "detail":
                    detail = reader.GetString() ?? "";
                    break;
                case "delay_us":
                    delay = TimeSpan.FromMicroseconds(reader.GetInt64());
                    break;
                case "non_retryable":
                    nonRetryable = reader.GetBoolean();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new ChunkError(
            kind == ChunkPayload.SnoozedKind ? delay : null,
            new TaskFailure
            {
                Kind = kind == ChunkPayload.RejectedKind ? FailureKind.Rejected : FailureKind.Error,
                ErrorType = type,
                Message = message,
                Detail = detail,
                NonRetryable = nonRetryable,
            });
    }
}

/// <param name="Snooze">Not an error: the input wants to run again this much later.</param>
/// <param name="Failure">The record.</param>
internal sealed record ChunkError(TimeSpan? Snooze, TaskFailure Failure);
