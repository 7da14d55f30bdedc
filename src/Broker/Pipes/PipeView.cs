namespace Queued.Broker;

/// <summary>Which way messages go.</summary>
public enum PipeMode : byte
{
    Duplex = 1,

    /// <summary>From the second end to the first.</summary>
    OneWay = 2,
}

/// <summary>An end of a pipe. Of a one-way pipe the first one receives.</summary>
public enum PipeSide : byte
{
    First = 1,
    Second = 2,
}

/// <summary>All that is shown of a pipe; a snapshot.</summary>
public sealed record PipeView(string Name, PipeMode Mode, long BufferBytes, PipeEndView First, PipeEndView Second);

/// <summary>All that is shown of one end of a pipe.</summary>
/// <param name="Holder">Empty: nobody has taken it yet.</param>
/// <param name="IsClosed">It was given back, or its holder has gone.</param>
/// <param name="WaitingMessages">Have come for it and were not received.</param>
/// <param name="WaitingBytes">Their bytes.</param>
public sealed record PipeEndView(string Holder, bool IsClosed, int WaitingMessages, long WaitingBytes);
