using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Queued.Cli.Rendering;

namespace Queued.Cli.Input;

/// <summary>Where the bytes of a payload come from: the word itself, - for stdin, @FILE for a file.</summary>
internal static class PayloadInput
{
    public const string Description =
        "The input itself, - for standard input, @FILE for a file's content. Default: none.";

    public const string Bytes = "application/octet-stream";

    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads at most <paramref name="bytesMax"/> and says so where there is more.</summary>
    public static async Task<byte[]> ReadAsync(
        string? input, Terminal terminal, long bytesMax, CancellationToken cancellationToken)
    {
        switch (input)
        {
            case null:
                return [];
            case "-":
                return await ReadAllAsync(terminal.Input, "standard input", bytesMax, cancellationToken);
            case ['@', .. var path]:
                await using (Stream file = OpenFile(path))
                    return await ReadAllAsync(file, path, bytesMax, cancellationToken);
            default:
                byte[] bytes = Strict.GetBytes(input);
                return bytes.Length <= bytesMax ? bytes : throw TooLarge("the input", bytesMax);
        }
    }

    public static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"cannot read {path}: {exception.Message}");
        }
    }

    public static async Task<byte[]> ReadAllAsync(
        Stream stream, string name, long bytesMax, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            int count = await ReadPieceAsync(stream, buffer, name, cancellationToken);
            if (count == 0)
                return bytes.ToArray();
            bytes.Write(buffer, 0, count);
            if (bytes.Length > bytesMax)
                throw TooLarge(name, bytesMax);
        }
    }

    /// <returns>How many bytes were read. 0: there are no more.</returns>
    public static async Task<int> ReadPieceAsync(
        Stream stream, Memory<byte> buffer, string name, CancellationToken cancellationToken)
    {
        try
        {
            // A read from a terminal or a pipe does not end on cancellation by itself.
            return await stream.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot read {name}: {exception.Message}");
        }
    }

    /// <summary>The type where none was given: JSON if it is JSON, text if it is text, else plain bytes.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return null;
        if (IsJson(bytes))
            return TaskPayload.JsonContentType;
        return IsText(bytes) ? TaskPayload.TextContentType : Bytes;
    }

    public static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            bool any = false;
            while (reader.Read())
                any = true;
            return any;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static bool IsText(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) && !bytes.Contains((byte)0);

    private static UsageException TooLarge(string name, long bytesMax) => new(
        $"{name} is larger than the daemon takes ({Words.Size(bytesMax)}, its limit payload_bytes_max); "
        + "put it into a file and submit the file's name");
}
