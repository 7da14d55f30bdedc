namespace Queued.Protocol.Streams;

/// <summary>What a frame is, in its first byte. Its length follows in four bytes, the highest first.</summary>
internal enum FrameKind : byte
{
    /// <summary>The first of a connection: the full name of the method that the client calls.</summary>
    Call = 1,

    /// <summary>One message of the stream, either way.</summary>
    Message = 2,

    /// <summary>
    /// The last one. Of a client, empty: it sends no more. Of the daemon: how the call has ended, a google.rpc.Status.
    /// </summary>
    End = 3,

    /// <summary>Of a client, empty: is the daemon there?</summary>
    Ping = 4,

    /// <summary>The daemon's answer to it, empty.</summary>
    Pong = 5,
}

/// <param name="Kind">What it is.</param>
/// <param name="Body">What is in it; gone when the next one is read.</param>
internal readonly record struct Frame(FrameKind Kind, ReadOnlyMemory<byte> Body);
