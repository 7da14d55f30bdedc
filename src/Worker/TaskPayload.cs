using System.Text;

namespace Queued;

/// <summary>
/// Opaque bytes and their media type: the input of a handler, or its result. The daemon never looks inside.
/// </summary>
/// <param name="Data">
/// The bytes. At most the daemon's limit (4 MiB by default). They must not be changed after they were handed over.
/// </param>
/// <param name="ContentType">Media type, at most 128 characters. Empty means <c>application/octet-stream</c>.</param>
public readonly record struct TaskPayload(ReadOnlyMemory<byte> Data, string ContentType = "")
{
    /// <summary>Media type of JSON, which typed handlers read and write: <c>application/json</c>.</summary>
    public const string JsonContentType = "application/json";

    /// <summary>Media type of text: <c>text/plain; charset=utf-8</c>.</summary>
    public const string TextContentType = "text/plain; charset=utf-8";

    /// <summary>No bytes at all.</summary>
    public static TaskPayload Empty => new(ReadOnlyMemory<byte>.Empty);

    /// <summary>Media type, never null. Default: empty.</summary>
    public string ContentType { get => field ?? ""; init; } = ContentType;

    /// <summary>JSON that is there as text already.</summary>
    /// <param name="json">One JSON value; not checked.</param>
    public static TaskPayload FromJson(string json) => new(Encoding.UTF8.GetBytes(json), JsonContentType);

    /// <summary>Text, in UTF-8.</summary>
    /// <param name="text">The text.</param>
    public static TaskPayload FromText(string text) => new(Encoding.UTF8.GetBytes(text), TextContentType);

    /// <summary>The bytes read as UTF-8; what is not UTF-8 becomes U+FFFD.</summary>
    public string ReadText() => Encoding.UTF8.GetString(Data.Span);
}
