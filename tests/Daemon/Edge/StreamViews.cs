using Google.Protobuf;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>One task that a client sends, in a batch of its own.</summary>
internal sealed class Submission
{
    public ulong Tag { get; init; }

    public TaskSpec? Task { get; init; }

    public bool WithoutOutcome { get; init; }

    public SubmissionBatch ToBatch() => new() { Tags = { Tag }, Task = Task, WithoutOutcome = WithoutOutcome };
}

/// <summary>One attempt of those that a worker was given in batches.</summary>
internal sealed class TakenAssignment
{
    public ulong TaskId { get; init; }

    public uint Attempt { get; init; }

    public AssignmentTarget Target { get; init; } = new();

    public Payload Payload { get; init; } = new();

    public static IEnumerable<TakenAssignment> In(AssignmentBatch batch)
    {
        var payloads = BatchPayloads.In(batch.Payloads).ToList();
        for (var n = 0; n < batch.TaskIds.Count; n++)
        {
            yield return new TakenAssignment
            {
                TaskId = batch.TaskIds[n],
                Attempt = batch.Attempts[n],
                Target = batch.Target,
                Payload = batch.Payloads is null ? batch.Payload : payloads[n],
            };
        }
    }
}

internal static class BatchPayloads
{
    public static IEnumerable<Payload> In(PayloadBatch? batch)
    {
        var offset = 0;
        for (var n = 0; n < (batch?.Lengths.Count ?? 0); n++)
        {
            yield return new Payload
            {
                Data = ByteString.CopyFrom(batch!.Take(n, ref offset).Span),
                ContentType = batch.ContentType,
            };
        }
    }

    public static PayloadBatch Of(params string[] payloads)
    {
        var batch = new PayloadBatch { ContentType = "text/plain" };
        foreach (var payload in payloads) batch.Append(System.Text.Encoding.UTF8.GetBytes(payload));
        batch.Seal();
        return batch;
    }
}
