using System.Runtime.CompilerServices;

namespace Queued.Cli.Input;

/// <summary>Lines of a stream as bytes, without their ends; blank lines are skipped.</summary>
internal sealed class JsonLines(Stream stream, long bytesMax)
{
    private const int BufferSize = 64 * 1024;

    private byte[] _buffer = new byte[BufferSize];

    /// <summary>Number of the line given last, blank ones counted; 1 for the first.</summary>
    public long LineNumber { get; private set; }

    public async IAsyncEnumerable<(long Number, byte[] Line)> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int start = 0;
        int filled = 0;
        bool ended = false;
        while (!ended || start < filled)
        {
            int length = _buffer.AsSpan(start, filled - start).IndexOf((byte)'\n');
            if (length < 0 && !ended)
            {
                MakeRoom(ref start, ref filled);
                int count = await PayloadInput.ReadPieceAsync(
                    stream, _buffer.AsMemory(filled), "the input", cancellationToken);
                ended = count == 0;
                filled += count;
                continue;
            }

            int end = length < 0 ? filled : start + length;
            LineNumber++;
            byte[] line = Trim(_buffer.AsSpan(start, end - start)).ToArray();
            start = Math.Min(end + 1, filled);
            if (line.Length > 0)
                yield return (LineNumber, line);
        }
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8);

    private void MakeRoom(ref int start, ref int filled)
    {
        if (start > 0)
        {
            _buffer.AsSpan(start, filled - start).CopyTo(_buffer);
            filled -= start;
            start = 0;
        }

        if (filled < _buffer.Length)
            return;
        if (filled > bytesMax)
        {
            throw new UsageException(
                $"line {LineNumber + 1} is longer than the daemon takes (payload_bytes_max: {bytesMax} bytes)");
        }

        Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
