using Queued.Client.Streams;
using Queued.Worker.Connection;

namespace Queued.Client.Maps;

/// <summary>One task of a map: some inputs of one chunk.</summary>
internal sealed class MapTask<TIn, TOut>(
    MapRun<TIn, TOut> run, MapChunk<TIn, TOut> chunk, int offset, int count, bool isChunk) : PendingTask
{
    public MapChunk<TIn, TOut> Chunk => chunk;

    public int Offset => offset;

    public int Count => count;

    /// <summary>The payload has the form of a chunk, whatever the number of its inputs.</summary>
    public bool IsChunk => isChunk;

    /// <summary>The inputs were tried before, so that their next failure is final.</summary>
    public bool IsLastTry { get; init; }

    public int Refusals { get; set; }

    public override bool IsOfMap => true;

    public override bool AckMayWait => true;

    public override void OnOutcome(TaskOutcome outcome, ReaderWakes wakes) => run.Arrived(this, outcome, null);

    public override void OnError(Exception error) => run.Arrived(this, null, error);
}
