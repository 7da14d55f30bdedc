using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Google.Protobuf;
using Queued.Broker;
using Queued.Protocol.V1;

namespace Queued.Daemon.Supervision;

/// <summary>An OS command as a task's payload asks for it, checked.</summary>
internal sealed record ExecRequest
{
    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Absolute, or empty for the default.</summary>
    public required string Directory { get; init; }

    public required ReadOnlyMemory<byte> Input { get; init; }

    public required int OutputBytesMax { get; init; }

    /// <summary>Of its payload, and so of its result.</summary>
    public required string ContentType { get; init; }
}

/// <summary>Reads the input of the handler exec and writes its result, in protobuf or JSON.</summary>
internal static class ExecPayload
{
    internal const string ProtobufType = "application/vnd.queued.exec+protobuf";
    internal const string JsonType = "application/json";

    private const int ArgumentsMax = 4096;
    private const int VariablesMax = 1024;

    internal static bool TryRead(
        TaskPayload payload, int outputBytesMax,
        [NotNullWhen(true)] out ExecRequest? request, [NotNullWhen(false)] out string? error)
    {
        request = null;
        error = null;
        try
        {
            request = payload.ContentType.Split(';')[0].Trim().ToLowerInvariant() switch
            {
                ProtobufType => FromProtobuf(payload.Data),
                JsonType => FromJson(payload.Data),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or JsonException)
        {
            error = $"payload is not an exec command: {exception.Message}";
            return false;
        }

        error = request is null
            ? $"content type '{payload.ContentType}' is neither {ProtobufType} nor {JsonType}"
            : FindMistake(request, outputBytesMax);
        if (request?.OutputBytesMax == 0)
            request = request with { OutputBytesMax = outputBytesMax };
        return error is null && request is not null;
    }

    internal static TaskPayload WriteResult(ExecRequest request, int exitCode, ExecOutput stdout, ExecOutput stderr)
    {
        if (request.ContentType == JsonType)
        {
            var json = new ExecResultJson
            {
                ExitCode = exitCode,
                Stdout = stdout.ToArray(),
                Stderr = stderr.ToArray(),
                StdoutDroppedBytes = stdout.DroppedBytes,
                StderrDroppedBytes = stderr.DroppedBytes,
            };
            var data = JsonSerializer.SerializeToUtf8Bytes(json, ExecJson.Default.ExecResultJson);
            return new TaskPayload(data, JsonType);
        }

        var result = new ExecResult
        {
            ExitCode = exitCode,
            Stdout = UnsafeByteOperations.UnsafeWrap(stdout.ToArray()),
            Stderr = UnsafeByteOperations.UnsafeWrap(stderr.ToArray()),
            StdoutDroppedBytes = (ulong)stdout.DroppedBytes,
            StderrDroppedBytes = (ulong)stderr.DroppedBytes,
        };
        return new TaskPayload(result.ToByteArray(), ProtobufType);
    }

    private static ExecRequest FromProtobuf(ReadOnlyMemory<byte> data)
    {
        var command = ExecCommand.Parser.ParseFrom(data.Span);
        return new ExecRequest
        {
            Arguments = command.Argv,
            Environment = command.Env.ToDictionary(),
            Directory = command.Cwd,
            Input = command.Stdin.Memory,
            OutputBytesMax = (int)Math.Min(command.OutputBytesMax, int.MaxValue),
            ContentType = ProtobufType,
        };
    }

    private static ExecRequest FromJson(ReadOnlyMemory<byte> data)
    {
        var command = JsonSerializer.Deserialize(data.Span, ExecJson.Default.ExecCommandJson) ?? new ExecCommandJson();
        return new ExecRequest
        {
            Arguments = command.Argv ?? [],
            Environment = command.Env ?? [],
            Directory = command.Cwd ?? "",
            Input = command.Stdin ?? [],
            OutputBytesMax = (int)Math.Min(command.OutputBytesMax, int.MaxValue),
            ContentType = JsonType,
        };
    }

    private static string? FindMistake(ExecRequest request, int outputBytesMax)
    {
        if (request.Arguments.Count is 0 or > ArgumentsMax)
            return $"argv has {request.Arguments.Count} strings, it must have 1 to {ArgumentsMax}";
        if (string.IsNullOrEmpty(request.Arguments[0]))
            return "argv[0] is empty";
        for (var i = 0; i < request.Arguments.Count; i++)
        {
            if (request.Arguments[i]?.Contains('\0', StringComparison.Ordinal) ?? true)
                return $"argv[{i}] is null or holds a NUL character";
        }

        if (request.Environment.Count > VariablesMax)
            return $"env has {request.Environment.Count} variables, the limit is {VariablesMax}";
        foreach (var (name, value) in request.Environment)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0'))
                return $"env name '{name.Replace('\0', '?')}' is empty or holds '=' or NUL";
            if (value?.Contains('\0', StringComparison.Ordinal) ?? true)
                return $"env value of '{name}' is null or holds a NUL character";
        }

        if (request.Directory.Length > 0 && request.Directory[0] != '/')
            return $"cwd '{request.Directory}' is not absolute";
        if (request.Directory.Contains('\0', StringComparison.Ordinal))
            return "cwd holds a NUL character";
        return request.OutputBytesMax > outputBytesMax
            ? $"output_bytes_max is {request.OutputBytesMax}, the limit is {outputBytesMax}"
            : null;
    }
}
