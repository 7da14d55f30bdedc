using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A pipe in JSON.</summary>
internal sealed record PipeRecord
{
    public required string Name { get; init; }

    public required string Mode { get; init; }

    public required long BufferBytes { get; init; }

    public required PipeEndRecord First { get; init; }

    public required PipeEndRecord Second { get; init; }

    public static PipeRecord From(PipeInfo pipe) => new()
    {
        Name = pipe.Name,
        Mode = Words.Name(pipe.Mode),
        BufferBytes = pipe.BufferBytes,
        First = PipeEndRecord.From(pipe.First),
        Second = PipeEndRecord.From(pipe.Second),
    };
}

/// <summary>An end of a pipe in JSON. Without a holder nobody has taken it.</summary>
internal sealed record PipeEndRecord
{
    public string? Holder { get; init; }

    public required bool Closed { get; init; }

    public required long WaitingMessages { get; init; }

    public required long WaitingBytes { get; init; }

    public static PipeEndRecord From(PipeEndInfo end) => new()
    {
        Holder = end.Holder.Length == 0 ? null : end.Holder,
        Closed = end.IsClosed,
        WaitingMessages = end.WaitingMessages,
        WaitingBytes = end.WaitingBytes,
    };
}
