namespace Queued.Broker;

/// <summary>Where the items of a ring keep their neighbours.</summary>
internal interface IRingLinks<T>
    where T : class
{
    static abstract ref T? Next(T item);

    static abstract ref T? Previous(T item);
}

/// <summary>A list that runs through its items: no node to allocate, and any item leaves in O(1).</summary>
internal sealed class LinkedRing<T, TLinks>
    where T : class
    where TLinks : struct, IRingLinks<T>
{
    public T? First { get; private set; }

    public T? Last { get; private set; }

    public int Count { get; private set; }

    /// <summary>First to last; not to be changed meanwhile.</summary>
    public IEnumerable<T> Items
    {
        get
        {
            for (var item = First; item is not null; item = TLinks.Next(item)) yield return item;
        }
    }

    public static T? After(T item) => TLinks.Next(item);

    public void AddFirst(T item)
    {
        Invariant.Require(TLinks.Next(item) is null && TLinks.Previous(item) is null && !ReferenceEquals(First, item));
        if (First is null)
        {
            Last = item;
        }
        else
        {
            TLinks.Previous(First) = item;
            TLinks.Next(item) = First;
        }

        First = item;
        Count++;
    }

    public void AddLast(T item)
    {
        Invariant.Require(TLinks.Next(item) is null && TLinks.Previous(item) is null && !ReferenceEquals(First, item));
        if (Last is null)
        {
            First = item;
        }
        else
        {
            TLinks.Next(Last) = item;
            TLinks.Previous(item) = Last;
        }

        Last = item;
        Count++;
    }

    public void Remove(T item)
    {
        var (next, previous) = (TLinks.Next(item), TLinks.Previous(item));
        Invariant.Require(previous is not null || ReferenceEquals(First, item));
        if (previous is null) First = next;
        else TLinks.Next(previous) = next;
        if (next is null) Last = previous;
        else TLinks.Previous(next) = previous;
        TLinks.Next(item) = null;
        TLinks.Previous(item) = null;
        Count--;
    }

    /// <summary>The first one waits behind all others now.</summary>
    public void MoveToEnd(T item)
    {
        if (ReferenceEquals(Last, item)) return;
        Remove(item);
        AddLast(item);
    }
}
