using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Queued.Cli.Rendering;

namespace Queued.Cli.Output;

/// <summary>Standard output: the data of a verb and nothing else.</summary>
internal sealed class OutputWriter(Terminal terminal)
{
    /// <summary>The line of progress that moves on the same terminal, and is drawn again below the data.</summary>
    public ProgressView? Progress { get; set; }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (terminal.IsOutputTerminal && Progress?.TryPrint(bytes.Span) == true)
            return;
        await terminal.Output.WriteAsync(bytes, cancellationToken);
        await terminal.Output.FlushAsync(cancellationToken);
    }

    /// <summary>Text that is safe: made by this program, or passed through <see cref="SafeText"/>.</summary>
    public Task WriteAsync(string text, CancellationToken cancellationToken) =>
        WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    public Task WriteLineAsync(string text, CancellationToken cancellationToken) =>
        WriteAsync(text + "\n", cancellationToken);

    /// <summary>One object on one line.</summary>
    public Task WriteJsonAsync<T>(T record, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        string json = JsonSerializer.Serialize(record, type);
        return WriteLineAsync(terminal.IsOutputTerminal ? SafeText.Line(json) : json, cancellationToken);
    }
}
