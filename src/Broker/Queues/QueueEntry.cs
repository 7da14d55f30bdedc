namespace Queued.Broker;

/// <summary>A queue: its policy, its tasks by state, and the groups of workers that serve it.</summary>
internal sealed class QueueEntry
{
    private readonly int[] _counts = new int[(int)TaskState.Expired + 1];

    public QueueEntry(string name, LatestTerms latestTerms)
    {
        Name = name;
        Templates = new TaskTemplates(this, latestTerms);
    }

    public string Name { get; }

    public TaskTemplates Templates { get; }

    public Durability Durability { get; set; } = Durability.Memory;

    public QueueState State { get; set; } = QueueState.Active;

    /// <summary>It has a record in the store: it is durable, or once was.</summary>
    public bool IsStored { get; set; }

    /// <summary>What it has beyond that as a queue of messages. Null: it holds tasks.</summary>
    public MessageSide? Messages { get; set; }

    public QueueKind Kind => Messages is null ? QueueKind.Tasks : QueueKind.Messages;

    public TaskPlan Plan { get; set; } = TaskPlan.Default;

    public long TasksMax { get; set; }

    public long BytesMax { get; set; }

    /// <summary>0: no limit.</summary>
    public int RunningMax { get; set; }

    public int DeadMax { get; set; }

    public ReadyTasks Ready { get; } = new();

    /// <summary>Attempts that wait for another task; they do not count in <see cref="RunningMax"/>.</summary>
    public int WaitingAttempts { get; set; }

    /// <summary>SCHEDULED and RETRYING.</summary>
    public LinkedRing<TaskEntry, TaskEntry.Links> Waiting { get; } = new();

    /// <summary>By handler: those that wait for a worker that offers theirs.</summary>
    public Dictionary<string, IndexedHeap<TaskEntry, TaskEntry.ByPriority>> Aside { get; } =
        new(StringComparer.Ordinal);

    /// <summary>Oldest end first.</summary>
    public DeadLetters Dead { get; } = new();

    /// <summary>Who offers what in it has changed since the last look at what waits aside.</summary>
    public bool IsDoubted { get; set; }

    /// <summary>A task like one that waits aside has left it, and not to a worker.</summary>
    public bool IsWithdrawn { get; set; }

    public Dictionary<string, ConcurrencyGate> Gates { get; } = new(StringComparer.Ordinal);

    public List<Binding> Bindings { get; } = [];

    /// <summary>Its bindings are in the rings of their groups.</summary>
    public bool IsOffered { get; set; }

    /// <summary>Counts how often it came to have something to give.</summary>
    public int Offerings { get; set; }

    public long PayloadBytes { get; set; }

    public long SucceededTotal { get; set; }

    public long FailedTotal { get; set; }

    public long CancelledTotal { get; set; }

    public bool IsDurable => Durability != Durability.Memory;

    public int Open =>
        Count(TaskState.Scheduled) + Count(TaskState.Queued) + Count(TaskState.Running) + Count(TaskState.Retrying);

    /// <summary>What counts in <see cref="TasksMax"/>: of messages, those that nobody holds.</summary>
    public int CountedTasks => Messages is null ? Open : Open - Count(TaskState.Running);

    /// <summary>What counts in <see cref="BytesMax"/>.</summary>
    public long CountedBytes => PayloadBytes - (Messages?.HeldBytes ?? 0);

    /// <summary>The store can take nothing more, so nothing is given out.</summary>
    public bool IsHeld { get; set; }

    /// <summary>There is a task that a worker may have now.</summary>
    public bool CanGive =>
        Ready.Count > 0 && !IsHeld && State != QueueState.Paused &&
        (RunningMax == 0 || Count(TaskState.Running) - WaitingAttempts < RunningMax);

    /// <summary>It takes nothing more, and all that it had is done with.</summary>
    public bool IsDrained => State == QueueState.Draining && Open == 0;

    /// <summary>Whether its own limits allow one more entry of this size.</summary>
    public bool HasRoomFor(int bytes) =>
        (TasksMax == 0 || CountedTasks < TasksMax) && (BytesMax == 0 || CountedBytes + bytes <= BytesMax);

    /// <summary>For open states only.</summary>
    public int Count(TaskState state) => _counts[(int)state];

    public void Moved(TaskState from, TaskState to)
    {
        if (from != 0 && !from.IsFinal()) _counts[(int)from]--;
        if (!to.IsFinal()) _counts[(int)to]++;
        Invariant.Require(from == 0 || from.IsFinal() || _counts[(int)from] >= 0);
    }
}

/// <summary>One queue that one group of workers serves.</summary>
internal sealed class Binding(QueueEntry queue, WorkerGroup group)
{
    private Binding? _next;
    private Binding? _previous;

    public QueueEntry Queue { get; } = queue;

    public WorkerGroup Group { get; } = group;

    internal readonly struct Links : IRingLinks<Binding>
    {
        public static ref Binding? Next(Binding item) => ref item._next;

        public static ref Binding? Previous(Binding item) => ref item._previous;
    }
}
