namespace Queued.Broker;

/// <summary>
/// A queue's ready tasks: by priority, then by order number. New ones are appended in O(1); those that come back to an
/// old place stand in a heap beside their level's list, so a return costs O(log returned) and never a walk.
/// </summary>
internal sealed class ReadyTasks
{
    /// <summary>Levels that hold something, highest priority first; at most 256.</summary>
    private readonly List<Level> _levels = [];

    /// <summary>Levels that held something before: where priorities take turns they come and go all the time.</summary>
    private readonly Stack<Level> _spare = new();

    public int Count { get; private set; }

    /// <summary>
    /// New ones come first, so their numbers run downwards. Set while it is empty.
    /// </summary>
    public bool IsLifo { get; set; }

    /// <summary>In no useful order.</summary>
    public IEnumerable<TaskEntry> All => _levels.SelectMany(level => level.All);

    /// <summary>
    /// All, in the order in which they are given, at O(log n) for each that is looked at. Nothing may change meanwhile.
    /// </summary>
    public IEnumerable<TaskEntry> InOrder => _levels.SelectMany(level => level.InOrder);

    /// <summary>At the end of its priority, or in front of it; its number must be the highest, or the lowest.</summary>
    public void Append(TaskEntry task)
    {
        var arrived = LevelOf(task.Priority).Arrived;
        if (IsLifo) arrived.AddFirst(task);
        else arrived.AddLast(task);
        Count++;
    }

    /// <summary>Where its number says.</summary>
    public void Return(TaskEntry task)
    {
        LevelOf(task.Priority).Returned.Add(task);
        Count++;
    }

    public TaskEntry? Peek(bool lowest = false) =>
        _levels.Count == 0 ? null : lowest ? _levels[^1].First : _levels[0].First;

    /// <summary>The ready task that was submitted first, over all priorities, nearly: the oldest head.</summary>
    public TaskEntry? Oldest()
    {
        TaskEntry? oldest = null;
        foreach (var level in _levels)
        {
            var head = IsLifo ? level.Arrived.Last ?? level.First! : level.First!;
            if (oldest is null || head.Order < oldest.Order != IsLifo) oldest = head;
        }

        return oldest;
    }

    public void Remove(TaskEntry task)
    {
        var place = PlaceOf(task.Priority);
        Invariant.Require(place >= 0);
        var level = _levels[place];
        if (task.StandsByOrder) level.Returned.Remove(task);
        else level.Arrived.Remove(task);
        Count--;
        if (level.First is not null) return;
        _levels.RemoveAt(place);
        _spare.Push(level);
    }

    private Level LevelOf(sbyte priority)
    {
        var place = PlaceOf(priority);
        if (place >= 0) return _levels[place];
        if (!_spare.TryPop(out var level)) level = new Level();
        level.Priority = priority;
        _levels.Insert(~place, level);
        return level;
    }

    /// <returns>The complement of where it belongs: there is no such level.</returns>
    private int PlaceOf(sbyte priority)
    {
        var low = 0;
        var high = _levels.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = _levels[middle].Priority;
            if (found == priority) return middle;
            if (found > priority) low = middle + 1;
            else high = middle - 1;
        }

        return ~low;
    }

    private sealed class Level
    {
        public sbyte Priority { get; set; }

        public LinkedRing<TaskEntry, TaskEntry.Links> Arrived { get; } = new();

        public IndexedHeap<TaskEntry, TaskEntry.ByOrder> Returned { get; } = new();

        public TaskEntry? First =>
            (Arrived.First, Returned.First) switch
            {
                (var arrived, null) => arrived,
                (null, var returned) => returned,
                var (arrived, returned) => arrived!.Order < returned!.Order ? arrived : returned,
            };

        public IEnumerable<TaskEntry> InOrder
        {
            get
            {
                using var returned = Returned.InOrder.GetEnumerator();
                var back = returned.MoveNext() ? returned.Current : null;
                var next = Arrived.First;
                while (next is not null || back is not null)
                {
                    if (next is null || back?.Order < next.Order)
                    {
                        yield return back!;
                        back = returned.MoveNext() ? returned.Current : null;
                    }
                    else
                    {
                        yield return next;
                        next = LinkedRing<TaskEntry, TaskEntry.Links>.After(next);
                    }
                }
            }
        }

        public IEnumerable<TaskEntry> All => Arrived.Items.Concat(Returned.Items);
    }
}
