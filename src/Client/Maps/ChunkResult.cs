using System.Text.Json;
using Queued.Client.Wire;
using Queued.Worker.Chunks;

namespace Queued.Client.Maps;

/// <summary>
/// Reads the result of a chunk: an array of <c>{"ok": …}</c> and <c>{"error": {…}}</c>, or a plain one of results.
/// </summary>
internal static class ChunkResult
{
    /// <summary>
    /// Tells of each input what became of it; of those at and after a place where the JSON is broken, that they are
    /// unreadable.
    /// </summary>
    /// <exception cref="UnreadableResultException">
    /// It has more results than inputs: none can be trusted.
    /// </exception>
    /// <returns>How many inputs it speaks of.</returns>
    public static int Read<TOut>(
        ReadOnlySpan<byte> json,
        bool isPlain,
        int most,
        ChunkValue<TOut> value,
        Action<int, TOut> succeeded,
        Action<int, ChunkError> failed,
        Action<int, UnreadableResultException> unreadable)
    {
        var reader = new Utf8JsonReader(json);
        for (var item = 0; ; item++)
        {
            var result = default(ItemResult<TOut>);
            try
            {
                if (!TryReadItem(ref reader, isPlain, value, ref result))
                    return item;
            }
            catch (Exception exception) when (ResultJson.IsUnreadable(exception))
            {
                var error = ResultJson.Unreadable<TOut>(exception);
                for (; item < most; item++)
                    unreadable(item, error);
                return most;
            }

            if (item == most)
                throw ResultJson.Unreadable($"The result of a chunk of {most} inputs has more results.");
            if (result.Unreadable is not null)
                unreadable(item, result.Unreadable);
            else if (result.Error is not null)
                failed(item, result.Error);
            else
                succeeded(item, result.Output!);
        }
    }

    private static bool TryReadItem<TOut>(
        ref Utf8JsonReader reader, bool isPlain, ChunkValue<TOut> value, ref ItemResult<TOut> result)
    {
        if (reader.TokenType == JsonTokenType.None)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("The result of a chunk is a JSON array.");
        }

        reader.Read();
        if (reader.TokenType == JsonTokenType.EndArray)
            return false;
        if (isPlain)
        {
            ReadOutput(ref reader, value, ref result);
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A result in a chunk is a JSON object.");
        reader.Read();
        if (reader.ValueTextEquals("ok"u8))
        {
            reader.Read();
            ReadOutput(ref reader, value, ref result);
        }
        else if (reader.ValueTextEquals("error"u8))
        {
            reader.Read();
            result.Error = ReadError(ref reader);
        }
        else
            throw new JsonException($"A result has 'ok' or 'error', not '{reader.GetString()}'.");

        reader.Read();
        if (reader.TokenType != JsonTokenType.EndObject)
            throw new JsonException("A result has one of 'ok' and 'error'.");
        return true;
    }

    /// <summary>A value of another type than this one leaves the results after it readable.</summary>
    private static void ReadOutput<TOut>(
        ref Utf8JsonReader reader, ChunkValue<TOut> value, ref ItemResult<TOut> result)
    {
        var after = reader;
        try
        {
            result.Output = value.Read(ref reader);
        }
        catch (Exception exception) when (ResultJson.IsUnreadable(exception))
        {
            after.Skip();
            reader = after;
            result.Unreadable = ResultJson.Unreadable<TOut>(exception);
        }
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

/// <summary>One of the three is set.</summary>
internal record struct ItemResult<TOut>(TOut? Output, ChunkError? Error, UnreadableResultException? Unreadable);

/// <param name="Snooze">Not an error: the input wants to run again this much later.</param>
/// <param name="Failure">The record.</param>
internal sealed record ChunkError(TimeSpan? Snooze, TaskFailure Failure);
