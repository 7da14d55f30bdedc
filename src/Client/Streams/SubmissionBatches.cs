using Proto = Queued.Protocol.V1;

namespace Queued.Client.Streams;

/// <summary>The submissions of a message that is being made: what is alike goes into one batch.</summary>
internal sealed class SubmissionBatches(Proto.ConnectRequest message)
{
    /// <summary>The latest task, where others can be added to it.</summary>
    private PendingTask? _latest;

    public int Count { get; private set; }

    /// <summary>To the batch before it, where they differ in their payload and their priority alone.</summary>
    public void Add(PendingTask task)
    {
        var range = task.Staged?.Range;
        if (range is not null || _latest is null || !ReferenceEquals(task.Template, _latest.Template)
            || task.WithoutOutcome != _latest.WithoutOutcome || task.AckMayWait != _latest.AckMayWait
            || task.Payload.ContentType != _latest.Payload.ContentType)
        {
            var batch = new Proto.SubmissionBatch
            {
                Task = task.Template!.Spec,
                WithoutOutcome = task.WithoutOutcome,
                AckMayWait = task.AckMayWait,
            };
            if (range is null)
                batch.Payloads = new Proto.PayloadBatch { ContentType = task.Payload.ContentType };
            else
            {
                batch.Task = batch.Task.Clone();
                batch.Task.Payload = new Proto.Payload { ContentType = task.Payload.ContentType, Segment = range };
            }

            message.Submissions.Add(batch);
            _latest = range is null ? task : null;
        }

        var last = message.Submissions[^1];
        if (last.Priorities.Count > 0 || task.Priority != last.Task.Priority)
        {
            while (last.Priorities.Count < last.Tags.Count)
                last.Priorities.Add(last.Task.Priority);
            last.Priorities.Add(task.Priority);
        }

        last.Tags.Add(task.Tag);
        last.Payloads?.Append(task.Payload.Data);
        Count++;
    }

    /// <summary>Nothing more is added.</summary>
    public void Seal()
    {
        foreach (var batch in message.Submissions)
            batch.Payloads?.Seal();
    }
}
