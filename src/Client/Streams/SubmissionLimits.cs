using Proto = Queued.Protocol.V1;

namespace Queued.Client.Streams;

/// <summary>
/// What the daemon takes in one submission. It says so in a connection's first message, which is before any submission
/// may be sent: one that is too large is refused here, for its message would break the stream under all the others.
/// </summary>
internal sealed class SubmissionLimits
{
    // Of a message with one submission alone: its tag and flags, the credits.
    private const int BytesAroundTask = 256;

    private ulong _payloadBytesMax = ulong.MaxValue;
    private ulong _messageBytesMax = ulong.MaxValue;

    /// <summary>Another connection may be to another daemon.</summary>
    public void Forget() => (_payloadBytesMax, _messageBytesMax) = (ulong.MaxValue, ulong.MaxValue);

    public void Learn(Proto.ConnectResponse response)
    {
        if (response.PayloadBytesMax > 0)
            _payloadBytesMax = response.PayloadBytesMax;
        if (response.MessageBytesMax > 0)
            _messageBytesMax = response.MessageBytesMax;
    }

    /// <returns>Null: it may be sent.</returns>
    public QueuedException? Check(PendingTask task)
    {
        var payloadBytes = (ulong)task.Payload.Data.Length;
        if (payloadBytes > _payloadBytesMax && task.Staged?.Range is null)
        {
            var obstacle = task.Staged is { Obstacle.Length: > 0 } staged
                ? $", and it cannot go by shared memory ({staged.Obstacle})"
                : "";
            return TooLarge(
                $"The payload has {payloadBytes} bytes{obstacle}",
                "task.payload.data",
                _payloadBytesMax,
                "payload_bytes_max");
        }

        if ((ulong)task.BytesInMessage + BytesAroundTask > _messageBytesMax)
            return TooLarge(
                $"The task with all its fields has {task.Bytes} bytes", "task", _messageBytesMax, "message_bytes_max");
        return null;
    }

    private static QueuedException TooLarge(string what, string field, ulong most, string limit) => ErrorMapping.Make(
        new ErrorDetails(
            ErrorMapping.PayloadTooLarge,
            $"{what}; the daemon's limit {limit} is {most}. The task was not added.")
        {
            Field = field,
            Resource = limit,
        });
}
