using System.Buffers;
using System.Text.Json;

namespace Queued.Worker.Chunks;

/// <summary>
/// Writes the results of a chunk: alone, as long as all inputs succeed, and from the first error on with a word before
/// each.
/// </summary>
internal sealed class ChunkResults : IDisposable
{
    private readonly List<int> _ends = [];
    private ArrayBufferWriter<byte> _buffer;

    public ChunkResults(int capacity)
    {
        _buffer = new ArrayBufferWriter<byte>(capacity);
        Writer = new Utf8JsonWriter(_buffer);
        Writer.WriteStartArray();
    }

    /// <summary>For what stands between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public Utf8JsonWriter Writer { get; private set; }

    /// <summary>No input has failed.</summary>
    public bool IsPlain { get; private set; } = true;

    public long Bytes => Writer.BytesCommitted + Writer.BytesPending;

    /// <summary>A result was begun and not ended.</summary>
    public bool IsHalfWritten { get; private set; }

    public void Begin()
    {
        IsHalfWritten = true;
        if (IsPlain)
            return;
        Writer.WriteStartObject();
        Writer.WritePropertyName("ok"u8);
    }

    public void End()
    {
        if (IsPlain)
            _ends.Add((int)Bytes);
        else
            Writer.WriteEndObject();
        IsHalfWritten = false;
    }

    /// <summary>From here on each result says whether it is one.</summary>
    public Utf8JsonWriter BeginError()
    {
        if (IsPlain)
            SayOk();
        return Writer;
    }

    /// <summary>All that was written.</summary>
    public ReadOnlyMemory<byte> Complete()
    {
        Writer.WriteEndArray();
        Writer.Flush();
        return _buffer.WrittenMemory;
    }

    public void Dispose() => Writer.Dispose();

    private void SayOk()
    {
        IsPlain = false;
        Writer.Flush();
        Writer.Dispose();
        var plain = _buffer.WrittenMemory.Span;
        _buffer = new ArrayBufferWriter<byte>(_buffer.Capacity);
        Writer = new Utf8JsonWriter(_buffer);
        Writer.WriteStartArray();
        // The first stands behind the bracket, all others behind a comma.
        var start = 1;
        foreach (var end in _ends)
        {
            Begin();
            Writer.WriteRawValue(plain[start..end], skipInputValidation: true);
            End();
            start = end + 1;
        }
    }
}
