namespace Queued.Broker;

/// <summary>
/// A pipe: two ends, each taken once in its life, and a flow of messages towards each, or, one-way, towards the first.
/// Its timer runs while one end is closed and the other was never taken.
/// </summary>
internal sealed class PipeEntry : Timed
{
    public PipeEntry(string name, PipeMode mode, long bufferBytes)
    {
        (Name, Mode, BufferBytes) = (name, mode, bufferBytes);
        var toFirst = new PipeFlow(bufferBytes);
        var toSecond = mode == PipeMode.Duplex ? new PipeFlow(bufferBytes) : null;
        First = new PipeEnd(this, PipeSide.First, incoming: toFirst, outgoing: toSecond);
        Second = new PipeEnd(this, PipeSide.Second, incoming: toSecond, outgoing: toFirst);
    }

    public string Name { get; }

    public PipeMode Mode { get; }

    /// <summary>Most bytes on their way in one direction, but for a message that is longer and goes alone.</summary>
    public long BufferBytes { get; }

    public PipeEnd First { get; }

    public PipeEnd Second { get; }

    public PipeEnd End(PipeSide side) => side == PipeSide.First ? First : Second;

    public PipeEnd PeerOf(PipeEnd end) => end.Side == PipeSide.First ? Second : First;
}
