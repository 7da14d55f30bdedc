namespace Queued.Worker;

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

    /// <summary>Media type, never null. Default: empty.</summary>
    public string ContentType { get; init; } = ContentType ?? "";
}
