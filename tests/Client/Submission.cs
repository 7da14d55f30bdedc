using Google.Protobuf;
using Queued.Protocol.V1;

namespace Queued.Client.Tests;

/// <summary>One task of those that a client has sent in batches.</summary>
internal sealed record Submission(ulong Tag, TaskSpec Task, bool WithoutOutcome)
{
    public static IEnumerable<Submission> In(ConnectRequest request) => request.Submissions.SelectMany(In);

    private static IEnumerable<Submission> In(SubmissionBatch batch)
    {
        Assert.True(batch.Payloads?.Holds(batch.Tags.Count) ?? batch.Tags.Count == 1);
        var offset = 0;
        for (var n = 0; n < batch.Tags.Count; n++)
        {
            var task = batch.Task.Clone();
            if (batch.Payloads is { } payloads)
            {
                task.Payload = new Payload
                {
                    Data = ByteString.CopyFrom(payloads.Take(n, ref offset).Span),
                    ContentType = payloads.ContentType,
                };
            }

            if (batch.Priorities.Count > 0)
                task.Priority = batch.Priorities[n];
            yield return new Submission(batch.Tags[n], task, batch.WithoutOutcome);
        }
    }
}
