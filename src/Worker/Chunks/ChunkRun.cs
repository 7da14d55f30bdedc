using System.Buffers;
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
        var buffer = new ArrayBufferWriter<byte>(Math.Max(256, payload.Length));
        await using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        foreach (var (start, length) in inputs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (writer.BytesCommitted + writer.BytesPending > ResultBytesMax)
                break;
            await RunOneAsync(
                writer, payload.Slice(start, length), write, run, isAlone: inputs.Count == 1, cancellationToken)
                .ConfigureAwait(false);
        }

        writer.WriteEndArray();
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new TaskPayload(
            buffer.WrittenMemory,
            ChunkPayload.WithElapsed(ChunkPayload.ContentType, Stopwatch.GetElapsedTime(started)));
    }

    private static async ValueTask RunOneAsync<TOut>(
        Utf8JsonWriter writer,
        ReadOnlyMemory<byte> input,
        Action<Utf8JsonWriter, TOut> write,
        Func<ReadOnlyMemory<byte>, Task<TOut>> run,
        bool isAlone,
        CancellationToken cancellationToken)
    {
        try
        {
            var output = await run(input).ConfigureAwait(false);
            writer.WriteStartObject();
            writer.WritePropertyName("ok"u8);
            write(writer, output);
            writer.WriteEndObject();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error) when (!isAlone && writer.CurrentDepth == 1)
        {
            // Alone it is the task itself that fails. Half-written, the result cannot go on: the chunk fails, and its
            // inputs are tried one by one.
            WriteError(writer, error);
        }
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
