namespace Queued.Broker;

/// <summary>
/// A queue's ready tasks: by priority, then by order number. New ones are appended in O(1); those that come back to an
/// old place stand in a heap beside their level's list, so a return costs O(log returned) and never a walk.
/// </summary>
internal sealed class ReadyTasks
{
    /// <summary>The level of the first priority, until there is a second one.</summary>
    private ReadyLevel? _only;

    /// <summary>Most queues have one priority, and there are many queues.</summary>
    private ReadyLevels? _levels;

    public int Count { get; private set; }

    /// <summary>
    /// New ones come first, so their numbers run downwards. Set while it is empty.
    /// </summary>
    public bool IsLifo { get; set; }

    /// <summary>In no useful order.</summary>
    public IEnumerable<TaskEntry> All => Levels.SelectMany(level => level.All);

    /// <summary>
    /// All, in the order in which they are given, at O(log n) for each that is looked at. Nothing may change meanwhile.
    /// </summary>
    public IEnumerable<TaskEntry> InOrder => Levels.SelectMany(level => level.InOrder);

    /// <summary>Those that hold something, highest priority first.</summary>
    private IEnumerable<ReadyLevel> Levels => _levels?.Filled ?? (Count > 0 ? [_only!] : []);

    /// <summary>At the end of its priority, or in front of it; its number must be the highest, or the lowest.</summary>
    public void Append(TaskEntry task)
    {
        var arrived = FillLevel(task.Priority).Arrived;
        if (IsLifo) arrived.AddFirst(task);
        else arrived.AddLast(task);
        Count++;
    }

    /// <summary>Where its number says.</summary>
    public void Return(TaskEntry task)
    {
        FillLevel(task.Priority).Return(task);
        Count++;
    }

    public TaskEntry? Peek(bool lowest = false)
    {
        var level = _levels is null ? _only : lowest ? _levels.Lowest : _levels.Highest;
        return level?.First;
    }

    /// <summary>The ready task that was submitted first, over all priorities, nearly: the oldest head.</summary>
    public TaskEntry? Oldest()
    {
        TaskEntry? oldest = null;
        foreach (var level in Levels)
        {
            var head = IsLifo ? level.Arrived.Last ?? level.First! : level.First!;
            if (oldest is null || head.Order < oldest.Order != IsLifo) oldest = head;
        }

        return oldest;
    }

    public void Remove(TaskEntry task)
    {
        var level = _levels is null ? _only : _levels.FindFilled(task.Priority);
        Invariant.Require(level?.Priority == task.Priority);
        level!.Remove(task);
        Count--;
        if (level.IsEmpty) _levels?.Empty(level.Priority);
    }

    private ReadyLevel FillLevel(sbyte priority)
    {
        if (_levels is null)
        {
            if ((_only ??= new ReadyLevel(priority)).Priority == priority) return _only;
            _levels = new ReadyLevels();
            _levels.Add(_only);
            if (!_only.IsEmpty) _levels.Fill(_only.Priority);
        }

        _levels.Fill(priority);
        return _levels.Of(priority);
    }
}
