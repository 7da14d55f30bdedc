using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

/// <summary>
/// Things by name. One is found without a look at others, which have left the nearer caches where there are thousands,
/// and all of them are listed in the order of their names.
/// </summary>
internal sealed class NameTable<T>
    where T : class
{
    private readonly Dictionary<string, T> _items = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);

    public int Count => _items.Count;

    /// <summary>In the order of names; not to be changed meanwhile.</summary>
    public IEnumerable<T> Values => After("");

    /// <summary>In the order of names, without those before; not to be changed meanwhile.</summary>
    /// <param name="name">Empty: from the first on.</param>
    public IEnumerable<T> After(string name) => NamePage.After(_names, name).Select(next => _items[next]);

    public bool TryGetValue(string name, [NotNullWhen(true)] out T? item) => _items.TryGetValue(name, out item);

    public T? GetValueOrDefault(string name) => _items.GetValueOrDefault(name);

    public bool ContainsKey(string name) => _items.ContainsKey(name);

    public void Add(string name, T item)
    {
        _items.Add(name, item);
        _names.Add(name);
    }

    public void Remove(string name)
    {
        if (_items.Remove(name)) _names.Remove(name);
    }
}
