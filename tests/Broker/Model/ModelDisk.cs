namespace Queued.Broker.Tests.Model;

/// <summary>A key as the specification speaks of it.</summary>
internal sealed record ModelKey(
    string Queue, string Key, TaskId Task, Instant Until, DateTimeOffset UntilWall, TaskSubmission Given,
    bool IsStored);

/// <summary>What the specification says is written: after each turn, an image of whatever the turn changed.</summary>
internal sealed class ModelDisk
{
    private readonly List<(int Turn, Action Write)> _journal = [];

    public SortedDictionary<ulong, ModelTask> Tasks { get; } = [];

    public Dictionary<string, (QueueSettings Settings, QueueState State)> Queues { get; } = [];

    public Dictionary<string, PoolSettings> Pools { get; } = [];

    public Dictionary<(string Queue, string Key), ModelKey> Keys { get; } = [];

    public TaskId LastTask { get; private set; }

    public void Write(int turn, ModelTask task, bool isThere)
    {
        var image = task.Image();
        _journal.Add((turn, () =>
        {
            if (image.Id.Value > LastTask.Value) LastTask = image.Id;
            if (isThere) Tasks[image.Id.Value] = image;
            else Tasks.Remove(image.Id.Value);
        }
        ));
    }

    public void Write(int turn, ModelQueue queue, bool isThere)
    {
        var (name, settings, state) = (queue.Name, queue.Settings, queue.State);
        _journal.Add((turn, () =>
        {
            if (isThere) Queues[name] = (settings, state);
            else Queues.Remove(name);
        }
        ));
    }

    public void Write(int turn, ModelPool pool, bool isThere)
    {
        var settings = pool.Settings with { Size = pool.Size };
        _journal.Add((turn, () =>
        {
            if (isThere) Pools[settings.Name] = settings;
            else Pools.Remove(settings.Name);
        }
        ));
    }

    public void Write(int turn, ModelKey key, bool isThere) => _journal.Add((turn, () =>
    {
        if (isThere) Keys[(key.Queue, key.Key)] = key;
        else Keys.Remove((key.Queue, key.Key));
    }
    ));

    /// <summary>What was written up to the turn is there, what came later is gone.</summary>
    public void Land(int survived)
    {
        foreach (var (turn, write) in _journal)
        {
            if (turn <= survived) write();
        }

        _journal.Clear();
    }
}
