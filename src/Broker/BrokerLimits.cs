namespace Queued.Broker;

/// <summary>Every limit of the core, in one place. Reaching one is a <see cref="Rejection"/> that names it.</summary>
public sealed record BrokerLimits
{
    /// <summary>Bytes of one payload or result.</summary>
    public int PayloadBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Tasks that have not ended, over all queues.</summary>
    public long TasksMax { get; init; } = 10_000_000;

    /// <summary>
    /// Payload bytes of tasks that have not ended, over all queues, and of messages that wait to be put, which count 64
    /// bytes more each.
    /// </summary>
    public long PayloadBytesTotalMax { get; init; } = 8L * 1024 * 1024 * 1024;

    /// <summary>Finished tasks that are kept for readers; past it the oldest goes before its time.</summary>
    public int FinishedTasksMax { get; init; } = 1_000_000;

    /// <summary>
    /// Bytes of payloads, results and failure texts of all that has ended and is kept, dead letters included; past it
    /// the oldest end goes before its time.
    /// </summary>
    public long FinishedBytesMax { get; init; } = 1024L * 1024 * 1024;

    /// <summary>
    /// Payload bytes of tasks of durable queues that are kept in memory; past it they are read from the store.
    /// </summary>
    public long PayloadWindowBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>
    /// Finished tasks whose time is over that one turn forgets, and dead letters that one command of a queue's deletion
    /// removes; the next one goes on.
    /// </summary>
    public int RetentionStepMax { get; init; } = 1000;

    /// <summary>Tasks that one command purges; the next goes on.</summary>
    public int PurgeStepMax { get; init; } = 1000;

    public int QueuesMax { get; init; } = 100_000;

    public int PoolsMax { get; init; } = 256;

    public int PoolSizeMax { get; init; } = 1024;

    /// <summary>Queues that one pool or external worker serves.</summary>
    public int QueuesPerWorkerMax { get; init; } = 64;

    /// <summary>Strings of a pool's command, the program included.</summary>
    public int ArgumentsMax { get; init; } = 1024;

    /// <summary>Variables of a pool's environment.</summary>
    public int VariablesMax { get; init; } = 1024;

    /// <summary>
    /// Bytes of one string of a pool's command, or of one NAME=value of its environment; Linux takes no more.
    /// </summary>
    public int ArgumentBytesMax { get; init; } = (128 * 1024) - 1;

    /// <summary>Bytes of a pool's command and environment together; half of what Linux starts a process with.</summary>
    public int CommandBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Workers of all pools, and external ones.</summary>
    public int WorkersMax { get; init; } = 4096;

    public int SlotsMax { get; init; } = 1024;

    /// <summary>Assignments that one worker may hold without having begun them.</summary>
    public int CreditsMax { get; init; } = 1024;

    public int HandlersPerWorkerMax { get; init; } = 10_000;

    /// <summary>Tasks of one submit.</summary>
    public int SubmitBatchMax { get; init; } = 10_000;

    /// <summary>Messages of one put, get or settle.</summary>
    public int MessageBatchMax { get; init; } = 10_000;

    /// <summary>
    /// Payload bytes of the messages of one answer; past it a get has fewer than it asked for, but at least one.
    /// </summary>
    public int MessageBatchBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Sessions that watch one task.</summary>
    public int WatchersPerTaskMax { get; init; } = 1000;

    /// <summary>Tasks that one session watches; and things that its waits for several watch.</summary>
    public int WatchesPerSessionMax { get; init; } = 1_000_000;

    /// <summary>Operations of one session that wait.</summary>
    public int WaitsPerSessionMax { get; init; } = 100_000;

    /// <summary>Things that one wait waits for.</summary>
    public int WaitTargetsMax { get; init; } = 1000;

    public int PipesMax { get; init; } = 100_000;

    /// <summary>Bytes on their way in one direction of one pipe.</summary>
    public long PipeBufferBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Messages on their way in one direction of one pipe; past it sends wait.</summary>
    public int PipeMessagesMax { get; init; } = 10_000;

    /// <summary>
    /// Bytes of all messages on their way in all pipes, or waiting for room there, and 64 for each message.
    /// </summary>
    public long PipeBytesTotalMax { get; init; } = 1024L * 1024 * 1024;

    /// <summary>
    /// How long a pipe stays that nobody holds, because one end is closed and the other was never taken.
    /// </summary>
    public TimeSpan PipeLingerTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Idempotency keys that are remembered, over all queues.</summary>
    public int IdempotencyKeysMax { get; init; } = 1_000_000;

    /// <summary>Memory segments.</summary>
    public int SegmentsMax { get; init; } = 10_000;

    /// <summary>Bytes of one memory segment.</summary>
    public long SegmentBytesMax { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Bytes of all memory segments together.</summary>
    public long SegmentBytesTotalMax { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>
    /// Bytes of one payload or result of a durable queue. After a restart it is no longer in a segment, and must fit
    /// into a message.
    /// </summary>
    public int StoredPayloadBytesMax { get; init; } = 60 * 1024 * 1024;

    public int NameLengthMax { get; init; } = 128;

    public int KeyLengthMax { get; init; } = 256;

    public int LabelsMax { get; init; } = 16;

    public int LabelValueLengthMax { get; init; } = 256;

    public int ContentTypeLengthMax { get; init; } = 128;

    public int PageSizeMax { get; init; } = 1000;

    /// <summary>Tasks that one page of a list looks at, so that a filter that fits nothing holds nobody up.</summary>
    public int PageScanMax { get; init; } = 10_000;

    public int AttemptsMax { get; init; } = 1000;

    /// <summary>Attempt records kept with a task; the oldest goes first.</summary>
    public int AttemptRecordsMax { get; init; } = 16;

    public int NonRetryableErrorTypesMax { get; init; } = 32;

    public int MessageLengthMax { get; init; } = 4096;

    public int DetailLengthMax { get; init; } = 32 * 1024;

    public int OutputTailLengthMax { get; init; } = 8192;

    public int ReasonLengthMax { get; init; } = 1024;

    public int TraceContextLengthMax { get; init; } = 512;

    /// <summary>Shared objects: locks, values and all other kinds.</summary>
    public int StatesMax { get; init; } = 100_000;

    /// <summary>Operations that wait for one shared object.</summary>
    public int StateWaitsMax { get; init; } = 100_000;

    /// <summary>Bytes of one value, and of one entry of a map or a list.</summary>
    public int StateValueBytesMax { get; init; } = 1024 * 1024;

    /// <summary>
    /// Bytes of what is in one shared object. An entry of a map or a list counts 64 bytes more than it has.
    /// </summary>
    public int StateBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of what is in all shared objects.</summary>
    public long StateBytesTotalMax { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Entries of a map or a list that one operation reads by name or changes.</summary>
    public int StateBatchMax { get; init; } = 1000;

    /// <summary>Permits of one semaphore.</summary>
    public int PermitsMax { get; init; } = 1_000_000;

    /// <summary>Parties of one barrier.</summary>
    public int PartiesMax { get; init; } = 10_000;

    /// <summary>Bytes of one element of an array.</summary>
    public int ElementBytesMax { get; init; } = 64;

    /// <summary>Longest lease of a lock or a permit.</summary>
    public TimeSpan GrantLeaseMax { get; init; } = TimeSpan.FromDays(30);

    public TimeSpan DelayMax { get; init; } = TimeSpan.FromDays(365);

    public TimeSpan TimeoutMax { get; init; } = TimeSpan.FromDays(30);

    public TimeSpan GraceMax { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan TtlMax { get; init; } = TimeSpan.FromDays(30);
}
