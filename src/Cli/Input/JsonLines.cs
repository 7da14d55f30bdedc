using System.Runtime.CompilerServices;

namespace Queued.Cli.Input;

/// <summary>
/// Lines of a stream as bytes, without their ends. Blank lines are skipped, and so is what a line has beyond the limit.
/// </summary>
internal sealed class JsonLines(Stream stream, long bytesMax)
{
    private const int BufferSize = 64 * 1024;

    private byte[] _buffer = new byte[BufferSize];

    public long BytesMax => bytesMax;

    /// <summary>
    /// Gives each line with its number, blank ones counted, 1 for the first. Null: it is longer than the limit.
    /// </summary>
    public async IAsyncEnumerable<(long Number, byte[]? Line)> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int start = 0;
        int filled = 0;
        long number = 0;
        bool ended = false;
        bool tooLong = false;
        while (!ended || start < filled || tooLong)
        {
            int length = _buffer.AsSpan(start, filled - start).IndexOf((byte)'\n');
            if (length < 0 && !ended)
            {
                if (!TryMakeRoom(ref start, ref filled))
                    (tooLong, filled) = (true, 0);
                int count = await PayloadInput.ReadPieceAsync(
                    stream, _buffer.AsMemory(filled), "the input", cancellationToken);
                ended = count == 0;
                filled += count;
                continue;
            }

            int end = length < 0 ? filled : start + length;
            number++;
            byte[]? line = tooLong ? null : Trim(_buffer.AsSpan(start, end - start)).ToArray();
            start = Math.Min(end + 1, filled);
            tooLong = false;
            if (line is not { Length: 0 })
                yield return (number, line);
        }
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8);

    /// <returns>False: what is there is all of one line, and more than the limit.</returns>
    private bool TryMakeRoom(ref int start, ref int filled)
    {
        if (start > 0)
        {
            _buffer.AsSpan(start, filled - start).CopyTo(_buffer);
            filled -= start;
            start = 0;
        }

        if (filled < _buffer.Length)
            return true;
        if (filled > bytesMax)
            return false;
        Array.Resize(ref _buffer, _buffer.Length * 2);
        return true;
    }
}
