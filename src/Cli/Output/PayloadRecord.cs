using System.Text;
using System.Text.Json;
using Queued.Cli.Input;

namespace Queued.Cli.Output;

/// <summary>
/// A payload or a result in JSON. Exactly one of the values is there: <see cref="Json"/> where the bytes are JSON,
/// <see cref="Text"/> where they are text, <see cref="Base64"/> for everything else, none for no bytes.
/// </summary>
internal sealed record PayloadRecord
{
    public required string ContentType { get; init; }

    public required long Bytes { get; init; }

    public JsonElement? Json { get; init; }

    public string? Text { get; init; }

    public string? Base64 { get; init; }

    public static PayloadRecord? From(TaskPayload? payload) => payload is { } known ? From(known) : null;

    public static PayloadRecord From(TaskPayload payload)
    {
        ReadOnlySpan<byte> bytes = payload.Data.Span;
        bool json = IsJsonType(payload.ContentType) && PayloadInput.IsJson(bytes);
        bool text = !json && !bytes.IsEmpty && !IsBytesType(payload.ContentType) && PayloadInput.IsText(bytes);
        return new PayloadRecord
        {
            ContentType = payload.ContentType,
            Bytes = bytes.Length,
            Json = json ? Parse(payload.Data) : null,
            Text = text ? Encoding.UTF8.GetString(bytes) : null,
            Base64 = json || text || bytes.IsEmpty ? null : Convert.ToBase64String(bytes),
        };
    }

    public static bool IsJsonType(string contentType) =>
        MediaTypeOf(contentType) is "application/json" or "text/json"
        || MediaTypeOf(contentType).EndsWith("+json", StringComparison.Ordinal);

    private static bool IsBytesType(string contentType) => MediaTypeOf(contentType) is "" or "application/octet-stream";

    private static string MediaTypeOf(string contentType) => contentType.Split(';')[0].Trim().ToLowerInvariant();

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
