namespace Queued.Client.Streams;

/// <summary>
/// Pending tasks by tag. A tag is a place and how often the place was used, so that no old tag finds a new task.
/// </summary>
internal sealed class PendingTable
{
    private readonly Stack<int> _free = new();
    private (PendingTask? Task, uint Uses)[] _places = new (PendingTask?, uint)[64];
    private int _used;

    public int Count { get; private set; }

    public ulong Add(PendingTask task)
    {
        if (!_free.TryPop(out var place))
        {
            if (_used == _places.Length)
                Array.Resize(ref _places, _used * 2);
            place = _used++;
        }

        var uses = ++_places[place].Uses;
        _places[place].Task = task;
        Count++;
        return ((ulong)uses << 32) | (uint)place;
    }

    public PendingTask? Find(ulong tag)
    {
        var place = (uint)tag;
        return place < _used && _places[place].Uses == (uint)(tag >> 32) ? _places[place].Task : null;
    }

    public void Remove(ulong tag)
    {
        if (Find(tag) is null)
            return;
        var place = (int)(uint)tag;
        _places[place].Task = null;
        _free.Push(place);
        Count--;
    }

    /// <summary>Those that are there now.</summary>
    public IEnumerable<PendingTask> All
    {
        get
        {
            for (var place = 0; place < _used; place++)
            {
                if (_places[place].Task is { } task)
                    yield return task;
            }
        }
    }

    public List<PendingTask> TakeAll()
    {
        var all = new List<PendingTask>(Count);
        for (var place = 0; place < _used; place++)
        {
            if (_places[place].Task is not { } task)
                continue;
            all.Add(task);
            _places[place].Task = null;
            _free.Push(place);
        }

        Count = 0;
        return all;
    }
}
