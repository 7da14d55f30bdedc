using System.Collections.Frozen;
using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Edge;

/// <summary>The limits in force by the names that rejections use. Times are in seconds.</summary>
internal static class LimitNames
{
    /// <summary>Names of the core's limits, as rejections have them → as they are called on the wire.</summary>
    public static FrozenDictionary<string, string> OfCore { get; } = new Dictionary<string, string>
    {
        [nameof(BrokerLimits.PayloadBytesMax)] = "payload_bytes_max",
        [nameof(BrokerLimits.TasksMax)] = "tasks_max",
        [nameof(BrokerLimits.PayloadBytesTotalMax)] = "payload_bytes_total_max",
        [nameof(BrokerLimits.FinishedTasksMax)] = "finished_tasks_max",
        [nameof(BrokerLimits.FinishedBytesMax)] = "finished_bytes_max",
        [nameof(BrokerLimits.PayloadWindowBytes)] = "payload_window_bytes",
        [nameof(BrokerLimits.RetentionStepMax)] = "retention_step_max",
        [nameof(BrokerLimits.QueuesMax)] = "queues_max",
        [nameof(BrokerLimits.PoolsMax)] = "pools_max",
        [nameof(BrokerLimits.PoolSizeMax)] = "pool_size_max",
        [nameof(BrokerLimits.QueuesPerWorkerMax)] = "queues_per_worker_max",
        [nameof(BrokerLimits.WorkersMax)] = "workers_max",
        [nameof(BrokerLimits.SlotsMax)] = "slots_max",
        [nameof(BrokerLimits.CreditsMax)] = "credits_max",
        [nameof(BrokerLimits.HandlersPerWorkerMax)] = "handlers_per_worker_max",
        [nameof(BrokerLimits.SubmitBatchMax)] = "submit_batch_max",
        [nameof(BrokerLimits.WatchersPerTaskMax)] = "watchers_per_task_max",
        [nameof(BrokerLimits.WatchesPerSessionMax)] = "watches_per_session_max",
        [nameof(BrokerLimits.IdempotencyKeysMax)] = "idempotency_keys_max",
        [nameof(BrokerLimits.NameLengthMax)] = "name_length_max",
        [nameof(BrokerLimits.KeyLengthMax)] = "key_length_max",
        [nameof(BrokerLimits.LabelsMax)] = "labels_max",
        [nameof(BrokerLimits.LabelValueLengthMax)] = "label_value_length_max",
        [nameof(BrokerLimits.ContentTypeLengthMax)] = "content_type_length_max",
        [nameof(BrokerLimits.PageSizeMax)] = "page_size_max",
        [nameof(BrokerLimits.PageScanMax)] = "page_scan_max",
        [nameof(BrokerLimits.AttemptsMax)] = "attempts_max",
        [nameof(BrokerLimits.AttemptRecordsMax)] = "attempt_records_max",
        [nameof(BrokerLimits.NonRetryableErrorTypesMax)] = "non_retryable_error_types_max",
        [nameof(BrokerLimits.MessageLengthMax)] = "message_length_max",
        [nameof(BrokerLimits.DetailLengthMax)] = "detail_length_max",
        [nameof(BrokerLimits.OutputTailLengthMax)] = "output_tail_length_max",
        [nameof(BrokerLimits.ReasonLengthMax)] = "reason_length_max",
        [nameof(BrokerLimits.TraceContextLengthMax)] = "trace_context_length_max",
        [nameof(BrokerLimits.DelayMax)] = "delay_max",
        [nameof(BrokerLimits.TimeoutMax)] = "timeout_max",
        [nameof(BrokerLimits.GraceMax)] = "grace_max",
        [nameof(BrokerLimits.TtlMax)] = "ttl_max",
    }.ToFrozenDictionary();

    public static Dictionary<string, ulong> All(BrokerLoopOptions options)
    {
        var limits = options.Limits;
        return new Dictionary<string, ulong>
        {
            ["payload_bytes_max"] = (ulong)limits.PayloadBytesMax,
            ["tasks_max"] = (ulong)limits.TasksMax,
            ["payload_bytes_total_max"] = (ulong)limits.PayloadBytesTotalMax,
            ["finished_tasks_max"] = (ulong)limits.FinishedTasksMax,
            ["finished_bytes_max"] = (ulong)limits.FinishedBytesMax,
            ["payload_window_bytes"] = (ulong)limits.PayloadWindowBytes,
            ["retention_step_max"] = (ulong)limits.RetentionStepMax,
            ["queues_max"] = (ulong)limits.QueuesMax,
            ["pools_max"] = (ulong)limits.PoolsMax,
            ["pool_size_max"] = (ulong)limits.PoolSizeMax,
            ["queues_per_worker_max"] = (ulong)limits.QueuesPerWorkerMax,
            ["workers_max"] = (ulong)limits.WorkersMax,
            ["slots_max"] = (ulong)limits.SlotsMax,
            ["credits_max"] = (ulong)limits.CreditsMax,
            ["handlers_per_worker_max"] = (ulong)limits.HandlersPerWorkerMax,
            ["submit_batch_max"] = (ulong)limits.SubmitBatchMax,
            ["watchers_per_task_max"] = (ulong)limits.WatchersPerTaskMax,
            ["watches_per_session_max"] = (ulong)limits.WatchesPerSessionMax,
            ["idempotency_keys_max"] = (ulong)limits.IdempotencyKeysMax,
            ["name_length_max"] = (ulong)limits.NameLengthMax,
            ["key_length_max"] = (ulong)limits.KeyLengthMax,
            ["labels_max"] = (ulong)limits.LabelsMax,
            ["label_value_length_max"] = (ulong)limits.LabelValueLengthMax,
            ["content_type_length_max"] = (ulong)limits.ContentTypeLengthMax,
            ["page_size_max"] = (ulong)limits.PageSizeMax,
            ["page_scan_max"] = (ulong)limits.PageScanMax,
            ["attempts_max"] = (ulong)limits.AttemptsMax,
            ["attempt_records_max"] = (ulong)limits.AttemptRecordsMax,
            ["non_retryable_error_types_max"] = (ulong)limits.NonRetryableErrorTypesMax,
            ["message_length_max"] = (ulong)limits.MessageLengthMax,
            ["detail_length_max"] = (ulong)limits.DetailLengthMax,
            ["output_tail_length_max"] = (ulong)limits.OutputTailLengthMax,
            ["reason_length_max"] = (ulong)limits.ReasonLengthMax,
            ["trace_context_length_max"] = (ulong)limits.TraceContextLengthMax,
            ["delay_max"] = (ulong)limits.DelayMax.TotalSeconds,
            ["timeout_max"] = (ulong)limits.TimeoutMax.TotalSeconds,
            ["grace_max"] = (ulong)limits.GraceMax.TotalSeconds,
            ["ttl_max"] = (ulong)limits.TtlMax.TotalSeconds,
            ["inbox_max"] = (ulong)options.InboxMax,
            ["sessions_max"] = (ulong)options.SessionsMax,
            ["submit_window"] = (ulong)options.SubmitWindow,
            ["operation_window"] = (ulong)options.OperationWindow,
            ["message_bytes_max"] = (ulong)options.MessageBytesMax,
            ["wait_max"] = (ulong)options.WaitMax.TotalSeconds,
            ["log_bytes_per_attempt"] = (ulong)options.LogBytesPerAttempt,
            ["log_bytes_total"] = (ulong)options.LogBytesTotal,
            ["exec_output_bytes_max"] = (ulong)options.ExecOutputBytesMax,
        };
    }
}
