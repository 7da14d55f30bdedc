using Google.Protobuf;

namespace Queued.Client;

/// <summary>
/// What fits into one operation: a message that is longer than the daemon takes would break the session.
/// </summary>
internal static class StateSize
{
    public const int BytesMax = 32 * 1024 * 1024;

    public static void Check(IMessage request, string field)
    {
        var size = request.CalculateSize();
        if (size <= BytesMax)
            return;
        throw ErrorMapping.Make(new ErrorDetails(
            ErrorMapping.PayloadTooLarge,
            $"The {field} have {size} bytes together; one operation takes {BytesMax}. Take several.")
        {
            Field = field,
        });
    }
}
