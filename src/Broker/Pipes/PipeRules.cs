using System.Globalization;

namespace Queued.Broker;

/// <summary>What is refused at pipes, and in which words.</summary>
internal static class PipeRules
{
    public const long BufferBytesDefault = 1024 * 1024;

    /// <summary>What a message takes besides its bytes.</summary>
    public const int MessageOverhead = 64;

    public static Rejection? Check(Command.OpenPipe open, BrokerLimits limits) =>
        SubmissionRules.CheckName("name", open.Name, limits) ??
        (open.BufferBytes < 0 || open.BufferBytes > limits.PipeBufferBytesMax
            ? Rejections.Invalid(
                "buffer_bytes",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"buffer_bytes must be between 1 and {limits.PipeBufferBytesMax}, or 0 for the default.")) with
            {
                Resource = nameof(BrokerLimits.PipeBufferBytesMax),
            }
            : null);

    /// <summary>Whether what is asked for is what is there.</summary>
    public static Rejection? Compare(PipeEntry pipe, Command.OpenPipe open)
    {
        if (pipe.Mode != open.Mode)
        {
            return new Rejection(
                RejectionReason.StateConflict,
                $"The pipe '{pipe.Name}' is there and is {Words(pipe.Mode)}. Ask for that, or use another name.",
                "mode", pipe.Name);
        }

        return open.BufferBytes == 0 || open.BufferBytes == pipe.BufferBytes ? null : new Rejection(
            RejectionReason.StateConflict,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The pipe '{pipe.Name}' is there and has buffer_bytes {pipe.BufferBytes}. Ask for 0 to take it."),
            "buffer_bytes", pipe.Name);
    }

    public static Rejection? Check(Command.SendToPipe send, BrokerLimits limits)
    {
        if (send.Messages.Count < 1 || send.Messages.Count > limits.SubmitBatchMax)
        {
            return Rejections.Invalid(
                "messages", $"A send has 1 to {limits.SubmitBatchMax} messages; this one has {send.Messages.Count}.");
        }

        for (var at = 0; at < send.Messages.Count; at++)
        {
            var path = $"messages[{at}].";
            if ((Rejections.CheckInline(send.Messages[at], path) ??
                    SubmissionRules.CheckPayload(send.Messages[at], path, limits)) is { } mistake)
            {
                return mistake;
            }
        }

        return null;
    }

    public static Rejection? Check(Command.ReceiveFromPipe receive, BrokerLimits limits) =>
        receive.MessagesMax >= 0 && receive.MessagesMax <= limits.SubmitBatchMax ? null : Rejections.Invalid(
            "messages_max", $"messages_max must be between 1 and {limits.SubmitBatchMax}, or 0 for 1.");

    public static Rejection NotFound(PipeEndId end) => new(
        RejectionReason.PipeNotFound,
        $"The session holds no pipe end {end}: it was closed, or belongs to another session. Open the pipe.",
        "pipe_end_id", end.ToString());

    public static Rejection Taken(PipeEntry pipe, PipeSide? side) => new(
        RejectionReason.PipeEndTaken,
        side is { } one
            ? $"The {Words(one)} end of the pipe '{pipe.Name}' is taken, or was. Each is taken once; the name " +
                "is free " +
              "when both are closed."
            : $"Both ends of the pipe '{pipe.Name}' are taken, or were. The name is free when both are closed.",
        "side", pipe.Name);

    public static Rejection CannotSend(PipeEnd end) =>
        Closed(end, $"The pipe '{end.Pipe.Name}' is one-way, and its first end only receives.");

    public static Rejection CannotReceive(PipeEnd end) =>
        Closed(end, $"The pipe '{end.Pipe.Name}' is one-way, and its second end only sends.");

    public static Rejection PeerGone(PipeEnd end) =>
        Closed(end, $"Nobody receives what is sent to the pipe '{end.Pipe.Name}': its other end is closed.");

    public static Rejection SendingClosed(PipeEnd end) =>
        Closed(end, $"This end of the pipe '{end.Pipe.Name}' was closed for sending.");

    public static Rejection EndClosed(PipeEnd end) =>
        Closed(end, $"This end of the pipe '{end.Pipe.Name}' was closed.");

    public static Rejection NoMemory(BrokerLimits limits) => new(
        RejectionReason.LimitReached,
        string.Create(
            CultureInfo.InvariantCulture,
            $"All pipes together hold at most {limits.PipeBytesTotalMax} bytes " +
            $"({nameof(BrokerLimits.PipeBytesTotalMax)}). Try again when messages were received."),
        Resource: nameof(BrokerLimits.PipeBytesTotalMax));

    private static Rejection Closed(PipeEnd end, string message) =>
        new(RejectionReason.PipeClosed, message, "pipe_end_id", end.Pipe.Name);

    private static string Words(PipeMode mode) => mode == PipeMode.Duplex ? "duplex" : "one-way";

    private static string Words(PipeSide side) => side == PipeSide.First ? "first" : "second";
}
