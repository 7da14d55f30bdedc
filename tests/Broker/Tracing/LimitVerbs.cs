namespace Queued.Broker.Tests.Tracing;

/// <summary>limits: the few that stories set.</summary>
internal static class LimitVerbs
{
    public static BrokerLimits Parse(TraceLine line, BrokerLimits limits) => limits with
    {
        TasksMax = line.Number("tasks", (int)limits.TasksMax),
        FinishedTasksMax = line.Number("finished_tasks", limits.FinishedTasksMax),
        SlotsMax = line.Number("slots", limits.SlotsMax),
        CreditsMax = line.Number("credits", limits.CreditsMax),
        AttemptRecordsMax = line.Number("attempt_records", limits.AttemptRecordsMax),
        WatchersPerTaskMax = line.Number("watchers", limits.WatchersPerTaskMax),
        PayloadWindowBytes = line.Number("payload_window", (int)limits.PayloadWindowBytes),
        RetentionStepMax = line.Number("retention_step", limits.RetentionStepMax),
        MessageBatchBytesMax = line.Number("message_batch_bytes", limits.MessageBatchBytesMax),
        SegmentsMax = line.Number("segments", limits.SegmentsMax),
        SegmentBytesMax = line.Long("segment_bytes", limits.SegmentBytesMax),
        SegmentBytesTotalMax = line.Long("segment_bytes_total", limits.SegmentBytesTotalMax),
        PipeMessagesMax = line.Number("pipe_messages", limits.PipeMessagesMax),
        PageScanMax = line.Number("page_scan", limits.PageScanMax),
    };
}
