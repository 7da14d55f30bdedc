using System.Text.Json.Serialization;

namespace Queued.Daemon.Supervision;

/// <summary>ExecCommand of the contract in JSON, bytes as base64.</summary>
internal sealed record ExecCommandJson
{
    public string[]? Argv { get; init; }

    public Dictionary<string, string>? Env { get; init; }

    public string? Cwd { get; init; }

    public byte[]? Stdin { get; init; }

    public uint OutputBytesMax { get; init; }
}

/// <summary>ExecResult of the contract in JSON, bytes as base64.</summary>
internal sealed record ExecResultJson
{
    public int ExitCode { get; init; }

    public byte[] Stdout { get; init; } = [];

    public byte[] Stderr { get; init; } = [];

    public long StdoutDroppedBytes { get; init; }

    public long StderrDroppedBytes { get; init; }
}

// An unknown name is most likely a mistyped one, and a command must not run without what it was meant to have.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(ExecCommandJson))]
[JsonSerializable(typeof(ExecResultJson))]
internal sealed partial class ExecJson : JsonSerializerContext;
