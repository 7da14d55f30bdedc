using Queued.Client;

namespace Queued.Crash;

/// <summary>The ledgers of all clients and workers put together, and what must hold of them.</summary>
internal sealed class Books
{
    /// <summary>A ledger may be behind another one by a look, not by two.</summary>
    private const int LooksToSettle = 2;

    private readonly List<LedgerReader> _ledgers = [];
    private readonly Dictionary<TaskId, TaskRecord> _tasks = [];
    private readonly Dictionary<string, TaskId> _keys = [];
    private readonly Dictionary<TaskId, List<Run>> _runs = [];
    private readonly Dictionary<string, TaskId> _listed = [];
    private readonly SettledTasks _settled = new();
    private int _looks;

    private readonly record struct Run(long Time, int Attempt);

    /// <summary>Acknowledged tasks.</summary>
    public int Count { get; private set; }

    public List<string> Violations { get; } = [];

    public void Add(LedgerReader ledger) => _ledgers.Add(ledger);

    /// <summary>Those whose end no restart has shown yet.</summary>
    public IEnumerable<TaskRecord> Open => _tasks.Values.Where(task => task.Read is null);

    /// <summary>Those that are not long over.</summary>
    public IEnumerable<TaskRecord> Latest => _tasks.Values;

    public void ReadNew()
    {
        foreach (var entry in _ledgers.SelectMany(ledger => ledger.ReadNew()).OrderBy(entry => Rank(entry.What)))
        {
            switch (entry.What)
            {
                case 'A':
                    Acknowledged(entry.Words[0], TaskId.Parse(entry.Words[1]));
                    break;
                case 'C':
                    _tasks[TaskId.Parse(entry.Words[0])].IsCancelAcknowledged = true;
                    break;
                case 'O':
                    Told(
                        _tasks[TaskId.Parse(entry.Words[0])], Enum.Parse<TaskState>(entry.Words[1]),
                        int.Parse(entry.Words[2], null), entry.Time);
                    break;
                case 'W':
                    Violations.Add($"{Name(_tasks[TaskId.Parse(entry.Words[0])])} gave another result than its input");
                    break;
                case 'R':
                    Ran(TaskId.Parse(entry.Words[0]), new Run(entry.Time, int.Parse(entry.Words[1], null)));
                    break;
                default:
                    throw new InvalidDataException($"A ledger has an entry of the kind '{entry.What}'.");
            }
        }
    }

    /// <summary>What the daemon says of a task after a restart; null: that there is none.</summary>
    public void Found(TaskRecord task, TaskState? state, long time)
    {
        if (state is null)
        {
            Violations.Add($"{Name(task)} was acknowledged and is lost");
            return;
        }

        if (task.Told is { } told && told != state)
            Violations.Add($"{Name(task)} ended {told}, a client was told, and is {state} now");
        if (task.Read is { } read && read != state)
            Violations.Add($"{Name(task)} was read as {read} and is {state} now");
        if (task.IsCancelAcknowledged && state != TaskState.Cancelled)
            Violations.Add($"{Name(task)} was cancelled, a client was told, and is {state} now");
        if (!IsFinal(state.Value)) return;

        if (!task.IsRightEnd(state.Value)) Violations.Add($"{Name(task)} ended {state}");
        if (task.Read is null) (task.Read, task.ReadAt) = (state, time);
    }

    /// <summary>A task that the daemon lists: its key may have made no other.</summary>
    public void Listed(TaskId id, string key)
    {
        if ((_keys.TryGetValue(key, out var other) || _listed.TryGetValue(key, out other)) && other != id)
            Violations.Add($"the idempotency key {key} made the tasks {other} and {id}");
        _listed[key] = id;
    }

    /// <summary>
    /// Of tasks whose end was told and found again nothing is remembered but that they are over, so that a run may go
    /// on for days.
    /// </summary>
    public void Settle()
    {
        _looks++;
        // A task that no client was told of may be gone after the next kill, and its key then makes another one.
        _listed.Clear();
        foreach (var task in _tasks.Values.Where(task => task.Told is not null && task.Read is not null).ToList())
        {
            if (task.SettledAt == 0) task.SettledAt = _looks;
            if (_looks - task.SettledAt < LooksToSettle) continue;
            _settled.Add(task.Id);
            _tasks.Remove(task.Id);
            _keys.Remove(task.Key);
            _runs.Remove(task.Id);
        }
    }

    private static int Rank(char what) => what switch { 'A' => 0, 'R' => 1, 'C' => 2, _ => 3 };

    private static bool IsFinal(TaskState state) =>
        state is TaskState.Succeeded or TaskState.Failed or TaskState.Cancelled or TaskState.TimedOut
            or TaskState.Expired;

    private static string Name(TaskRecord task) => $"task {task.Id} ({task.Key}, {task.Kind})";

    private void Acknowledged(string key, TaskId id)
    {
        Count++;
        if (!_keys.TryAdd(key, id)) Violations.Add($"the key {key} was acknowledged as {_keys[key]} and as {id}");
        if (_settled.Contains(id) || !_tasks.TryAdd(id, new TaskRecord(id, key)))
            Violations.Add($"task {id} was acknowledged before and again as {key}");
    }

    private void Told(TaskRecord task, TaskState state, int attempt, long time)
    {
        if (attempt < task.AttemptMin)
            Violations.Add($"{Name(task)} ended with attempt {attempt}, and it takes {task.AttemptMin}");
        if (task.Told is not null) Violations.Add($"{Name(task)} ended twice, {task.Told} and {state}");
        if (!task.IsRightEnd(state)) Violations.Add($"{Name(task)} ended {state}");
        if (task.Read is { } read && read != state) Violations.Add($"{Name(task)} was {read}, and was told as {state}");
        (task.Told, task.ToldAt, task.ToldAttempt) = (state, time, attempt);
        foreach (var run in _runs.GetValueOrDefault(task.Id) ?? []) CheckRun(task.Id, run);
    }

    private void Ran(TaskId id, Run run)
    {
        if (!_runs.TryGetValue(id, out var runs)) _runs[id] = runs = [];
        runs.Add(run);
        CheckRun(id, run);
    }

    /// <summary>Somebody was told of the end of the task, and then somebody ran it.</summary>
    private void CheckRun(TaskId id, Run run)
    {
        if (_settled.Contains(id))
            Violations.Add($"task {id} ran again (attempt {run.Attempt}) long after its end was told");
        if (!_tasks.TryGetValue(id, out var task)) return;
        if (run.Time > task.EndedBy)
            Violations.Add($"{Name(task)} ran again (attempt {run.Attempt}) after its end was told");
        // A delivery that a crash has cut short counts.
        if (task.Told is not null && run.Attempt > task.ToldAttempt)
            Violations.Add($"{Name(task)} ran as attempt {run.Attempt}, and ended with attempt {task.ToldAttempt}");
    }
}
