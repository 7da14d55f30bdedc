using System.Text;
using Queued.Cli.Input;
using Queued.Cli.Rendering;

namespace Queued.Cli.Commands;

/// <summary>Results on stdout: to a pipe byte for byte, to a terminal without what a terminal would obey.</summary>
internal static class ResultText
{
    /// <param name="context">The run.</param>
    /// <param name="payload">The result.</param>
    /// <param name="raw">True: byte for byte, whatever is at the other end, and nothing added.</param>
    /// <param name="newLine">True: text that does not end its last line gets a newline.</param>
    public static async Task PrintAsync(CommandContext context, TaskPayload payload, bool raw, bool newLine)
    {
        ReadOnlyMemory<byte> bytes = payload.Data;
        if (bytes.IsEmpty)
            return;
        bool text = PayloadInput.IsText(bytes.Span);
        if (!raw && context.Terminal.IsOutputTerminal)
        {
            if (!text)
            {
                context.Say($"{Words.Size(bytes.Length)} of {payload.ContentType}: redirect them, or give --raw.");
                return;
            }

            bytes = Encoding.UTF8.GetBytes(SafeText.Block(Encoding.UTF8.GetString(bytes.Span)));
        }

        await context.PrintAsync(bytes);
        if (newLine && text && !raw && bytes.Span[^1] != (byte)'\n')
            await context.PrintAsync("\n");
    }

    public static async Task PrintErrorAsync(CommandContext context, ReadOnlyMemory<byte> bytes, bool raw)
    {
        if (bytes.IsEmpty)
            return;
        if (!raw && context.Terminal.IsErrorTerminal)
            bytes = Encoding.UTF8.GetBytes(SafeText.Block(Encoding.UTF8.GetString(bytes.Span)));
        await context.Terminal.ErrorStream.WriteAsync(bytes, context.CancellationToken);
    }
}
