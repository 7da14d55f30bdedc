using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Queued.Client.Wire;

/// <summary>Results as values: whatever is wrong with one is one exception.</summary>
internal static class ResultJson
{
    /// <exception cref="UnreadableResultException">It is not JSON of this type.</exception>
    public static TOut Read<TOut>(ReadOnlySpan<byte> json, JsonTypeInfo<TOut> type)
    {
        if (json.IsEmpty)
            throw Unreadable($"The result is empty; it cannot be read as {typeof(TOut)}.");
        try
        {
            return JsonSerializer.Deserialize(json, type)!;
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            throw Unreadable<TOut>(exception);
        }
    }

    // Some types cannot be made from any JSON, and some tokens not be read as what they should be.
    public static bool IsUnreadable(Exception exception) =>
        exception is JsonException or NotSupportedException or FormatException or InvalidOperationException;

    public static UnreadableResultException Unreadable<TOut>(Exception exception) =>
        Unreadable($"The result cannot be read as {typeof(TOut)}: {exception.Message}", exception);

    public static UnreadableResultException Unreadable(string message, Exception? innerException = null) =>
        new(new ErrorDetails(ErrorMapping.ResultUnreadable, message), innerException);
}
