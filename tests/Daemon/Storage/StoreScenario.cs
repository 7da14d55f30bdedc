using System.Globalization;
using Queued.Broker;
using Queued.Daemon.Storage;

namespace Queued.Daemon.Tests.Storage;

/// <summary>Groups with changes of every kind, and what a store has to hold after each of them.</summary>
internal sealed class StoreScenario
{
    private const int Tasks = 24;

    private static readonly DateTimeOffset Until = StoreRig.Start.AddDays(1);

    private readonly List<Change[]> _groups = [];
    private readonly List<string> _expected = [];
    private readonly SortedDictionary<ulong, (string State, string Payload, string Result)> _tasks = [];
    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);
    private string _queue = "";
    private string _pool = "";

    public StoreScenario()
    {
        Expect();
        for (ulong id = 1; id <= Tasks; id++) AddGroup(id);
    }

    /// <summary>How many groups there are.</summary>
    public int Count => _groups.Count;

    /// <summary>
    /// Carries everything out; some groups are handed over two at once, and halfway the store is closed and opened.
    /// </summary>
    /// <param name="rig">Where.</param>
    /// <param name="acknowledged">Told how many groups were acknowledged so far.</param>
    /// <param name="before">Called before each group that stands alone, and after it.</param>
    /// <param name="atEnd">Called before the store is closed at the end.</param>
    public async Task RunAsync(
        StoreRig rig, Action<int> acknowledged, Action<int, SqliteStore>? before = null, Action? atEnd = null)
    {
        // Checkpoints every few groups, so that faults fall into them as well.
        rig.Options = rig.Options with { CheckpointBytes = 100_000 };
        var (first, second) = (Count / 2, Count);
        await RunAsync(rig, 0, first, acknowledged, before, null);
        await RunAsync(rig, first, second, acknowledged, before, atEnd);
    }

    /// <summary>After how many groups a store holds exactly this. -1: after none.</summary>
    public int GroupsOf(string text) => _expected.IndexOf(text);

    /// <summary>Everything that a store holds, the bytes of payloads too.</summary>
    public static async Task<string> DescribeAsync(SqliteStore store, LoadedStore loaded)
    {
        var tasks = new SortedDictionary<ulong, (string State, string Payload, string Result)>();
        foreach (var task in loaded.Tasks)
        {
            var payload = StoreRig.Text(await store.ReadPayloadAsync(task.Id, PayloadKind.Input));
            var result = task.Standing.End is null
                ? ""
                : StoreRig.Text(await store.ReadPayloadAsync(task.Id, PayloadKind.Result));
            tasks.Add(task.Id.Value, (task.Standing.State.ToString(), Short(payload), Short(result)));
        }

        return Text(
            tasks, loaded.Keys.Select(key => $"{key.Key}:{key.Task}").Order(StringComparer.Ordinal),
            string.Concat(loaded.Queues.Select(queue => queue.State)),
            string.Concat(loaded.Pools.Select(pool => pool.Size)));
    }

    private async Task RunAsync(
        StoreRig rig, int from, int to, Action<int> acknowledged, Action<int, SqliteStore>? before, Action? atEnd)
    {
        var store = rig.OpenLoaded().Store;
        try
        {
            for (var index = from; index < to; index++)
            {
                if (index % 5 == 4 && index + 1 < to)
                {
                    var earlier = store.AppendAsync(_groups[index], mustFlush: true).AsTask();
                    var later = store.AppendAsync(_groups[index + 1], mustFlush: true).AsTask();
                    await earlier;
                    acknowledged(++index);
                    await later;
                }
                else
                {
                    before?.Invoke(index, store);
                    await store.AppendAsync(_groups[index], mustFlush: true);
                }

                acknowledged(index + 1);
            }

            atEnd?.Invoke();
        }
        finally
        {
            await store.DisposeAsync();
        }
    }

    private void AddGroup(ulong id)
    {
        var payload = new string((char)('a' + (id % 26)), (int)(id * 300) - 200);
        var changes = new List<Change>
        {
            StoreRig.Added(id, payload),
            new Change.KeyRemembered(new StoredKey("q", $"k{id}", new TaskId(id), id, Until)),
        };
        _tasks.Add(id, ("Queued", Short(payload), ""));
        _keys.Add($"k{id}:{id}");
        if (id % 8 == 1)
        {
            var state = id % 16 == 1 ? QueueState.Active : QueueState.Paused;
            changes.Add(new Change.QueueDeclared(new StoredQueue("q", new QueueSettings(), state)));
            changes.Add(new Change.PoolDeclared(new PoolSettings { Name = "p", Size = (int)id, Command = ["w"] }));
            (_queue, _pool) = (state.ToString(), id.ToString(CultureInfo.InvariantCulture));
        }

        if (id > 1)
        {
            changes.Add(new Change.TaskMoved(new TaskId(id - 1), new TaskStanding(TaskState.Running) { Attempt = 1 }));
            _tasks[id - 1] = ("Running", _tasks[id - 1].Payload, "");
        }

        if (id > 3)
        {
            var result = new string('r', (int)id * 200);
            changes.Add(StoreRig.Ended(id - 3, result));
            _tasks[id - 3] = ("Succeeded", _tasks[id - 3].Payload, Short(result));
        }

        if (id > 8)
        {
            changes.Add(new Change.TaskRemoved(new TaskId(id - 8)));
            changes.Add(new Change.KeyForgotten("q", $"k{id - 8}"));
            _tasks.Remove(id - 8);
            _keys.Remove($"k{id - 8}:{id - 8}");
        }

        _groups.Add([.. changes]);
        Expect();
    }

    private void Expect() => _expected.Add(Text(_tasks, _keys, _queue, _pool));

    private static string Text(
        IEnumerable<KeyValuePair<ulong, (string State, string Payload, string Result)>> tasks,
        IEnumerable<string> keys, string queue, string pool) =>
        $"{string.Join("; ", tasks)} keys {string.Join(' ', keys)} queue {queue} pool {pool}";

    private static string Short(string text) =>
        text.Length == 0 ? "" : $"{text[0]}*{(text.Trim(text[0]).Length == 0 ? text.Length : -1)}";
}
