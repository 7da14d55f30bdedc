namespace Queued.Client;

/// <summary>Which way messages go.</summary>
public enum PipeMode
{
    /// <summary>Both ways.</summary>
    Duplex = 0,

    /// <summary>From the second end to the first.</summary>
    OneWay = 1,
}

/// <summary>An end of a pipe.</summary>
public enum PipeSide
{
    /// <summary>The first that is free.</summary>
    Any = 0,

    /// <summary>Of a one-way pipe: the one that receives.</summary>
    First = 1,

    /// <summary>Of a one-way pipe: the one that sends.</summary>
    Second = 2,
}

/// <summary>All that the daemon knows of a pipe: a snapshot.</summary>
public sealed record PipeInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Which way messages go.</summary>
    public PipeMode Mode { get; init; }

    /// <summary>Most bytes that the daemon holds in each direction; past it sends wait.</summary>
    public long BufferBytes { get; init; }

    /// <summary>The first end.</summary>
    public required PipeEndInfo First { get; init; }

    /// <summary>The second end.</summary>
    public required PipeEndInfo Second { get; init; }
}

/// <summary>All that the daemon knows of one end of a pipe: a snapshot.</summary>
public sealed record PipeEndInfo
{
    /// <summary>Name of the client that holds it, or held it. Empty: nobody has taken it yet.</summary>
    public string Holder { get; init; } = "";

    /// <summary>It was closed, or its holder has gone.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Messages that wait in the daemon to be received here.</summary>
    public long WaitingMessages { get; init; }

    /// <summary>Their bytes.</summary>
    public long WaitingBytes { get; init; }
}
