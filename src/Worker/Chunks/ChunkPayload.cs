using System.Globalization;

namespace Queued.Worker.Chunks;

/// <summary>
/// Many short inputs in one task. The input is a JSON array of inputs; the result is a JSON array with, for each input
/// in its order, <c>{"ok": result}</c> or <c>{"error": {…}}</c>. Where no input has failed it may be an array of the
/// results alone, and says so with the parameter <c>plain=1</c>. It may be shorter: the inputs at the end were not run
/// then. A client asks with the parameter <c>chunks=1</c> of a single input whether the handler reads chunks;
/// the handler says so with the same parameter of the result, and how many microseconds it worked with the parameter
/// <c>us</c>.
/// </summary>
internal static class ChunkPayload
{
    public const string ContentType = "application/vnd.queued.chunk+json";
    public const string AskingContentType = "application/json; chunks=1";
    public const string ErrorKind = "ERROR";
    public const string RejectedKind = "REJECTED";
    public const string SnoozedKind = "SNOOZED";
    private const string PlainParameter = "plain=1";
    private const string ChunksParameter = "chunks=1";
    private const string ElapsedParameter = "us=";

    public static bool IsChunk(string contentType) => contentType.StartsWith(ContentType, StringComparison.Ordinal);

    /// <summary>Of an input: the client wants to know. Of a result: the handler reads chunks.</summary>
    public static bool NamesChunks(string contentType) =>
        contentType.Contains(ChunksParameter, StringComparison.Ordinal);

    /// <summary>Of a result: it is an array of results alone.</summary>
    public static bool IsPlain(string contentType) =>
        contentType.Contains(PlainParameter, StringComparison.Ordinal);

    public static string Plain(string contentType) => $"{contentType}; {PlainParameter}";

    public static string WithElapsed(string contentType, TimeSpan elapsed) =>
        string.Create(
            CultureInfo.InvariantCulture, $"{contentType}; {ElapsedParameter}{(long)elapsed.TotalMicroseconds}");

    public static TimeSpan? ReadElapsed(string contentType)
    {
        var at = contentType.IndexOf(ElapsedParameter, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var text = contentType.AsSpan(at + ElapsedParameter.Length);
        var end = text.IndexOf(';');
        return long.TryParse(
            end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            ? TimeSpan.FromMicroseconds(microseconds)
            : null;
    }
}
