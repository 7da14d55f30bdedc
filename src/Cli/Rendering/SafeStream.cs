using System.Text;

namespace Queued.Cli.Rendering;

/// <summary>
/// One stream of a task's output on its way to a terminal: bytes in, UTF-8 without escapes out. Characters and escape
/// sequences may be cut between two pieces.
/// </summary>
internal sealed class SafeStream(Stream destination)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly EscapeFilter _filter = new();
    private readonly StringBuilder _text = new();

    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        Decode(data.Span, flush: false);
        return SendAsync(cancellationToken);
    }

    public ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        Decode([], flush: true);
        _filter.Finish(_text);
        return SendAsync(cancellationToken);
    }

    private void Decode(ReadOnlySpan<byte> data, bool flush)
    {
        var characters = new char[_decoder.GetCharCount(data, flush)];
        int count = _decoder.GetChars(data, characters, flush);
        _filter.Append(characters.AsSpan(0, count), _text);
    }

    private async ValueTask SendAsync(CancellationToken cancellationToken)
    {
        if (_text.Length == 0)
            return;
        byte[] bytes = Encoding.UTF8.GetBytes(_text.ToString());
        _text.Clear();
        await destination.WriteAsync(bytes, cancellationToken);
        await destination.FlushAsync(cancellationToken);
    }
}
