namespace Queued.Broker;

/// <summary>Known bugs that a test can switch on, to show that the simulator finds them.</summary>
internal enum Mutant : byte
{
    None = 0,

    /// <summary>A settlement counts whatever attempt it names.</summary>
    SkipAttemptCheck,

    /// <summary>The reply to a durable submit leaves before its change is handed to the store.</summary>
    ReplyBeforePersist,

    /// <summary>A settled attempt keeps its slot.</summary>
    KeepSlot,

    /// <summary>A worker's death does not count as a lost delivery.</summary>
    ForgetLostDelivery,

    /// <summary>A failure that must not be tried again is.</summary>
    RetryNonRetryable,

    /// <summary>A delayed task runs at once.</summary>
    IgnoreDelay,

    /// <summary>An idempotency key is not remembered.</summary>
    ForgetIdempotencyKey,

    /// <summary>A retry by hand wakes the finished task itself.</summary>
    ResurrectFinished,

    /// <summary>A task that comes back goes to the end of its queue.</summary>
    LoseOldPlace,

    /// <summary>A cancelled task keeps its place under its concurrency key.</summary>
    LeakConcurrencyKey,

    /// <summary>A result is forgotten when it has lived half its time.</summary>
    ForgetResultEarly,

    /// <summary>A queue runs more than its running_max.</summary>
    IgnoreRunningMax,

    /// <summary>An attempt that waits keeps its slot.</summary>
    KeepSlotWhileWaiting,

    /// <summary>Boot errors never open the breaker.</summary>
    NeverOpenBreaker,

    /// <summary>A paused queue gives out tasks.</summary>
    GiveFromPausedQueue,

    /// <summary>A cancel is forgotten when the worker dies.</summary>
    ForgetCancelOnDeath,

    /// <summary>A cancelled queued task stays in its queue's counts.</summary>
    DriftCounters,

    /// <summary>A session hears of an end twice.</summary>
    TellTwice,

    /// <summary>An overdue attempt is asked to stop and never made to.</summary>
    NeverStopOverdue,

    /// <summary>Lower priorities run first.</summary>
    InvertPriority,

    /// <summary>Nothing waits for the disk.</summary>
    SkipFlush,

    /// <summary>Key records are not written.</summary>
    ForgetKeyAtRestart,

    /// <summary>A restart counts a lost delivery twice.</summary>
    CountLostTwice,

    /// <summary>A paused queue goes on after a restart.</summary>
    ForgetPauseFlag,

    /// <summary>What waits for its time is due after a restart.</summary>
    LoseDelay,

    /// <summary>A restart loses the dead letters.</summary>
    DropDeadLetters,

    /// <summary>A restart gives out numbers that were given before.</summary>
    GiveNumbersAgain,

    /// <summary>Nothing is forgotten any more after the store was awaited once.</summary>
    StopForgetting,

    /// <summary>A cancel is forgotten when the daemon dies.</summary>
    ForgetCancelAtRestart,

    /// <summary>An end is not written, so that the task runs again.</summary>
    ForgetEndAtRestart,

    /// <summary>The reply to a cancel leaves before the disk has it.</summary>
    CancelUnflushed,

    /// <summary>A payload past the window is let go although the store never had it.</summary>
    LosePayload,

    /// <summary>A pool made by API is not written.</summary>
    ForgetPoolAtRestart,

    /// <summary>A requeued dead letter is one again after a restart.</summary>
    RequeueAgainAfterRestart,

    /// <summary>A put takes room that others wait for.</summary>
    OvertakePutters,

    /// <summary>The one that waited shortest gets the message.</summary>
    ServeLatestGetter,

    /// <summary>A settlement counts whatever delivery it names.</summary>
    SkipDeliveryCheck,

    /// <summary>What a consumer held when it died is held for ever.</summary>
    KeepHeldOfDead,

    /// <summary>Who waits for one of several things hears of a message that a getter takes.</summary>
    TellBeforeGetters,

    /// <summary>Who waits for one of several things hears nothing when a queue is deleted.</summary>
    ForgetWatchesOfDeleted,

    /// <summary>A queue is gone at once, however many dead letters it has.</summary>
    DeleteAfterOneStep,

    /// <summary>A session that has left an ephemeral queue still uses it.</summary>
    KeepUseOfLeft,

    /// <summary>What a session holds of a queue is not given back when it leaves it.</summary>
    KeepHeldOfLeft,

    /// <summary>What a session holds of shared state is not given back when it ends.</summary>
    KeepGrantOfDead,

    /// <summary>A notification is lost with the one that was woken.</summary>
    LoseNotification,

    /// <summary>A lock that was acquired twice is held once after the wait for its condition.</summary>
    ForgetDepth,

    /// <summary>A barrier goes on although one that waited at it has gone.</summary>
    OutliveBarrier,

    /// <summary>A grant whose lease is over goes to nobody.</summary>
    LoseLeasedGrant,

    /// <summary>Two grants have the same fencing token.</summary>
    RepeatToken,

    /// <summary>A session that has ended still uses its memory segments.</summary>
    KeepSegmentsOfTheDead,

    /// <summary>Who waits for one of several things hears nothing when an event is set.</summary>
    ForgetWatchesOfEvent,

    /// <summary>A session that uses an event no more still waits for it among several things.</summary>
    KeepWatchesOfLeft,

    /// <summary>A memory segment is removed with its name, whoever uses it.</summary>
    RemoveUnlinkedSegment,

    /// <summary>What a memory segment grows by is not counted.</summary>
    ForgetGrownBytes,

    /// <summary>A memory segment is kept when its payload was read, or is needed no more.</summary>
    KeepReadSegments,

    /// <summary>A memory segment is let go although a result in it has still to be read.</summary>
    DropUnreadSegments,

    /// <summary>A pipe drops what waits for room when its sender closes.</summary>
    PipeLosesWaitingSends,

    /// <summary>The end of a pipe is told before all was received.</summary>
    PipeEndOvertakes,

    /// <summary>A pipe takes more than it holds.</summary>
    PipeIgnoresRoom,

    /// <summary>Who waits for room hears nothing when the receiver has gone.</summary>
    PipeForgetsSenders,

    /// <summary>Who waits for one of several things hears nothing of the end of a pipe.</summary>
    PipeForgetsWatches,
}
