using Google.Protobuf;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Wire;

/// <summary>The input and the result of the built-in handler <c>exec</c>.</summary>
internal static class ExecMapping
{
    public const string Handler = "exec";
    public const string ContentType = "application/vnd.queued.exec+protobuf";

    public static TaskPayload ToPayload(ExecRequest request)
    {
        ArgumentNullException.ThrowIfNull(request.Arguments);
        var command = new Proto.ExecCommand
        {
            Cwd = request.WorkingDirectory ?? "",
            Stdin = UnsafeByteOperations.UnsafeWrap(request.Stdin),
            OutputBytesMax = request.OutputBytesMax.ToCount("output_bytes_max"),
        };
        command.Argv.Add(request.Arguments);
        command.Env.AddAll(request.Environment);
        return new TaskPayload(command.ToByteArray(), ContentType);
    }

    public static ExecResult? ReadResult(TaskPayload payload)
    {
        if (payload.ContentType != ContentType)
            return null;
        var wire = Parse(payload.Data.Span);
        return new ExecResult
        {
            ExitCode = wire.ExitCode,
            Stdout = wire.Stdout.Memory,
            Stderr = wire.Stderr.Memory,
            StdoutDroppedBytes = (long)wire.StdoutDroppedBytes,
            StderrDroppedBytes = (long)wire.StderrDroppedBytes,
        };
    }

    private static Proto.ExecResult Parse(ReadOnlySpan<byte> data)
    {
        try
        {
            return Proto.ExecResult.Parser.ParseFrom(data);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw ResultJson.Unreadable(
                $"The result cannot be read as that of a command: {exception.Message}", exception);
        }
    }
}
