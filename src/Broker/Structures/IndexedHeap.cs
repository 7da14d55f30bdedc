using System.Runtime.CompilerServices;

namespace Queued.Broker;

/// <summary>How items of a heap are ordered, and where each keeps its place (0: in no heap).</summary>
internal interface IHeapOrder<T>
{
    static abstract bool IsBefore(T left, T right);

    static abstract ref int Place(T item);
}

/// <summary>
/// A binary heap whose items know their place, so that any of them leaves or moves in O(log n). An item is who has the
/// place, whatever else it says.
/// </summary>
internal sealed class IndexedHeap<T, TOrder>
    where TOrder : struct, IHeapOrder<T>
{
    private readonly List<T> _items = [];

    public int Count => _items.Count;

    public T? First => _items.Count > 0 ? _items[0] : default;

    /// <summary>In no useful order.</summary>
    public IReadOnlyList<T> Items => _items;

    /// <summary>
    /// From the first on, at O(log k) for the k-th: only the children of what was seen are looked at. Nothing may
    /// change meanwhile.
    /// </summary>
    public IEnumerable<T> InOrder
    {
        get
        {
            if (_items.Count == 0) yield break;
            var seen = new PriorityQueue<int, T>(
                Comparer<T>.Create((left, right) =>
                    TOrder.IsBefore(left, right) ? -1 : TOrder.IsBefore(right, left) ? 1 : 0));
            seen.Enqueue(0, _items[0]);
            while (seen.TryDequeue(out var index, out var item))
            {
                yield return item;
                for (var child = (2 * index) + 1; child <= (2 * index) + 2 && child < _items.Count; child++)
                    seen.Enqueue(child, _items[child]);
            }
        }
    }

    public void Add(T item)
    {
        Invariant.Require(TOrder.Place(item) == 0);
        _items.Add(item);
        Rise(_items.Count - 1, item);
    }

    public void Remove(T item)
    {
        var index = TOrder.Place(item) - 1;
        Invariant.Require(index >= 0 && Unsafe.AreSame(ref TOrder.Place(_items[index]), ref TOrder.Place(item)));
        TOrder.Place(item) = 0;
        var last = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        if (index < _items.Count) Settle(index, last);
    }

    /// <summary>Its order has changed.</summary>
    public void Moved(T item) => Settle(TOrder.Place(item) - 1, item);

    /// <summary>As it was added, or moved last.</summary>
    public T Kept(T item) => _items[TOrder.Place(item) - 1];

    private void Settle(int index, T item)
    {
        if (index > 0 && TOrder.IsBefore(item, _items[(index - 1) / 2])) Rise(index, item);
        else Sink(index, item);
    }

    private void Rise(int index, T item)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (!TOrder.IsBefore(item, _items[parent])) break;
            Put(index, _items[parent]);
            index = parent;
        }

        Put(index, item);
    }

    private void Sink(int index, T item)
    {
        while (true)
        {
            var child = (2 * index) + 1;
            if (child >= _items.Count) break;
            if (child + 1 < _items.Count && TOrder.IsBefore(_items[child + 1], _items[child])) child++;
            if (!TOrder.IsBefore(_items[child], item)) break;
            Put(index, _items[child]);
            index = child;
        }

        Put(index, item);
    }

    private void Put(int index, T item)
    {
        _items[index] = item;
        TOrder.Place(item) = index + 1;
    }
}
