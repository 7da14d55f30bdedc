namespace Queued.Broker;

/// <summary>
/// Every task by its number. Numbers are dense, so a page of 1024 slots is found by division and the tasks can be read
/// in the order of their numbers from anywhere. Pages come in order and leave when they are empty.
/// </summary>
internal sealed class TaskTable
{
    private const int PageBits = 10;
    private const int PageSize = 1 << PageBits;

    private readonly Dictionary<ulong, Page> _pages = [];
    private readonly List<ulong> _keys = [];
    private Page? _spare;

    public int Count { get; private set; }

    public TaskEntry? Find(TaskId id) =>
        _pages.TryGetValue(id.Value >> PageBits, out var page) ? page.Slots[id.Value & (PageSize - 1)] : null;

    public void Add(TaskEntry task)
    {
        var key = task.Id.Value >> PageBits;
        if (!_pages.TryGetValue(key, out var page))
        {
            page = _spare ?? new Page();
            _spare = null;
            _pages.Add(key, page);
            Invariant.Require(_keys.Count == 0 || _keys[^1] < key);
            _keys.Add(key);
        }

        ref var slot = ref page.Slots[task.Id.Value & (PageSize - 1)];
        Invariant.Require(slot is null);
        slot = task;
        page.Count++;
        Count++;
    }

    public void Remove(TaskEntry task)
    {
        var key = task.Id.Value >> PageBits;
        var page = _pages[key];
        ref var slot = ref page.Slots[task.Id.Value & (PageSize - 1)];
        Invariant.Require(ReferenceEquals(slot, task));
        slot = null;
        page.Count--;
        Count--;
        if (page.Count > 0) return;
        _pages.Remove(key);
        _keys.RemoveAt(_keys.BinarySearch(key));
        _spare = page;
    }

    /// <summary>From the newest below <paramref name="before"/> (null: from the newest) down.</summary>
    public IEnumerable<TaskEntry> NewestFirst(TaskId? before)
    {
        var limit = before?.Value ?? ulong.MaxValue;
        var index = _keys.BinarySearch(limit >> PageBits);
        if (index < 0) index = ~index - 1;
        for (; index >= 0; index--)
        {
            var key = _keys[index];
            var slots = _pages[key].Slots;
            var slot = key == limit >> PageBits ? (int)(limit & (PageSize - 1)) - 1 : PageSize - 1;
            for (; slot >= 0; slot--)
            {
                if (slots[slot] is { } task) yield return task;
            }
        }
    }

    private sealed class Page
    {
        public TaskEntry?[] Slots { get; } = new TaskEntry?[PageSize];

        public int Count { get; set; }
    }
}
