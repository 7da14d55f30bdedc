using System.Diagnostics;
using System.Text.Json;

namespace Queued.Worker.Chunks;

/// <summary>
/// Runs a handler over the inputs of one chunk, one after the other. An input that fails fails alone.
/// </summary>
internal static class ChunkRun
{
    // The result of a chunk must stay below the daemon's limit on payloads: past this the rest is left to another task.
    private const int ResultBytesMax = 1024 * 1024;
    private const int DetailLengthMax = 8 * 1024;

    /// <param name="payload">A JSON array of inputs.</param>
    /// <param name="write">Writes a result.</param>
    /// <param name="run">Reads one input and runs the handler on it.</param>
    /// <param name="cancellationToken">Ends the chunk as a whole.</param>
    /// <exception cref="TaskRejectedException">The payload is not a JSON array.</exception>
    public static async Task<TaskPayload> RunAsync<TOut>(
        ReadOnlyMemory<byte> payload,
        Action<Utf8JsonWriter, TOut> write,
        Func<ReadOnlyMemory<byte>, Task<TOut>> run,
        CancellationToken cancellationToken)
    {
        var inputs = Split(payload);
        var started = Stopwatch.GetTimestamp();
        using var results = new ChunkResults(Math.Max(256, payload.Length));
        foreach (var (start, length) in inputs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (results.Bytes > ResultBytesMax)
                break;
            try
            {
                var running = run(payload.Slice(start, length));
                var output = running.IsCompletedSuccessfully ? running.Result : await running.ConfigureAwait(false);
                results.Begin();
                write(results.Writer, output);
                results.End();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception error) when (inputs.Count > 1 && !results.IsHalfWritten)
            {
                // Alone it is the task itself that fails. Half-written, the result cannot go on: the chunk fails, and
                // its inputs are tried one by one.
                WriteError(results.BeginError(), error);
            }
        }

        var contentType = results.IsPlain ? ChunkPayload.Plain(ChunkPayload.ContentType) : ChunkPayload.ContentType;
        return new TaskPayload(
            results.Complete(), ChunkPayload.WithElapsed(contentType, Stopwatch.GetElapsedTime(started)));
    }

    private static void WriteError(Utf8JsonWriter writer, Exception error)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("kind"u8, error switch
        {
            TaskRejectedException => ChunkPayload.RejectedKind,
            TaskSnoozedException => ChunkPayload.SnoozedKind,
            _ => ChunkPayload.ErrorKind,
        });
        writer.WriteString("type"u8, error.GetType().FullName);
        writer.WriteString("message"u8, error.Message);
        if (error is TaskSnoozedException snoozed)
            writer.WriteNumber("delay_us"u8, (long)snoozed.Delay.TotalMicroseconds);
        else
        {
            var detail = error.ToString();
            writer.WriteString("detail"u8, detail.Length <= DetailLengthMax ? detail : detail[..DetailLengthMax]);
        }

        if (error is NonRetryableException)
            writer.WriteBoolean("non_retryable"u8, true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>
    /// Where each element of the array is. Nothing is read of them yet, so that a bad one spoils no other.
    /// </summary>
    private static List<(int Start, int Length)> Split(ReadOnlyMemory<byte> payload)
    {
        var inputs = new List<(int, int)>();
        try
        {
            var reader = new Utf8JsonReader(payload.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                throw new TaskRejectedException("A chunk is a JSON array of inputs.");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                inputs.Add((start, (int)reader.BytesConsumed - start));
            }
        }
        catch (JsonException error)
        {
            throw new TaskRejectedException($"The chunk is not a JSON array of inputs: {error.Message}", error);
        }

        return inputs;
    }
}
