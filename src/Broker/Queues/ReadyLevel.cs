namespace Queued.Broker;

/// <summary>Ready tasks of one priority.</summary>
internal sealed class ReadyLevel(sbyte priority)
{
    private IndexedHeap<TaskEntry, TaskEntry.ByOrder>? _returned;

    public sbyte Priority { get; } = priority;

    public LinkedRing<TaskEntry, TaskEntry.Links> Arrived { get; } = new();

    public TaskEntry? First
    {
        get
        {
            var arrived = Arrived.First;
            if (_returned?.First is not { } returned) return arrived;
            return arrived is null || returned.Order < arrived.Order ? returned : arrived;
        }
    }

    public bool IsEmpty => Arrived.First is null && _returned is null or { Count: 0 };

    public IEnumerable<TaskEntry> All => Arrived.Items.Concat(_returned?.Items ?? []);

    public IEnumerable<TaskEntry> InOrder
    {
        get
        {
            using var returned = (_returned?.InOrder ?? []).GetEnumerator();
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

    public void Return(TaskEntry task) => (_returned ??= new()).Add(task);

    public void Remove(TaskEntry task)
    {
        if (task.StandsByOrder) _returned!.Remove(task);
        else Arrived.Remove(task);
    }
}
