namespace Queued.Broker;

/// <summary>Bytes by key. Each change has a number of its own, which is the version of what it wrote.</summary>
internal sealed class MapObject(string name, StateSettings settings, StateScope scope)
    : StateObject(name, settings, scope)
{
    private readonly Dictionary<string, MapItem> _items = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);
    private ulong _version;

    public void Read(Command.ReadMap read)
    {
        var size = read.PageSize;
        var refusal = StateRules.CheckBatch("keys", read.Keys.Count, Scope.Limits)
            ?? (read.Keys.Count == 0 && (size < 1 || size > Scope.Limits.PageSizeMax)
                ? Rejections.Invalid(
                    "page_size", $"The page_size must be between 1 and {Scope.Limits.PageSizeMax}.")
                : null);
        if (refusal is not null)
        {
            Turn.Refuse(read.Request, refusal);
            return;
        }

        if (read.Keys.Count > 0)
        {
            var found = new List<MapItem>(read.Keys.Count);
            foreach (var key in read.Keys)
            {
                if (_items.TryGetValue(key, out var item)) found.Add(item);
            }

            Turn.Reply(read.Request, new Response.MapRead(found, _items.Count, ""));
            return;
        }

        var page = NamePage.After(_keys, read.After).Take(size + 1).Select(key => _items[key]).ToList();
        var hasMore = page.Count > size;
        if (hasMore) page.RemoveAt(size);
        Turn.Reply(read.Request, new Response.MapRead(page, _items.Count, hasMore ? page[^1].Key : ""));
    }

    public void Write(Command.WriteMap write)
    {
        var refusal = Check(write.Changes);
        if (refusal is null && !write.Changes.All(IsAsExpected))
        {
            Turn.Reply(write.Request, new Response.MapWritten(false, [], _version));
            return;
        }

        refusal ??= Scope.Resize(this, (write.Clear ? 0 : Bytes) + write.Changes.Sum(change =>
            BytesOf(change.Key, change.Payload) - (write.Clear ? 0 : BytesOf(change.Key, Find(change.Key)?.Payload))));
        if (refusal is not null)
        {
            Turn.Refuse(write.Request, refusal);
            return;
        }

        var previous = new List<MapItem>();
        foreach (var change in write.Changes)
        {
            if (Find(change.Key) is { } item) previous.Add(item);
        }

        Carry(write);
        Turn.Reply(write.Request, new Response.MapWritten(true, previous, _version));
    }

    public override StateView View() => base.View() with { Count = _items.Count };

    private void Carry(Command.WriteMap write)
    {
        if (write.Clear)
        {
            _items.Clear();
            _keys.Clear();
        }

        if (write.Clear || write.Changes.Count > 0) _version++;
        foreach (var change in write.Changes)
        {
            if (change.Payload is { } payload)
            {
                _items[change.Key] = new MapItem(change.Key, payload, _version);
                _keys.Add(change.Key);
            }
            else
            {
                _items.Remove(change.Key);
                _keys.Remove(change.Key);
            }
        }
    }

    private Rejection? Check(IReadOnlyList<MapChange> changes)
    {
        var refusal = StateRules.CheckBatch("changes", changes.Count, Scope.Limits);
        var keys = changes.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        for (var index = 0; refusal is null && index < changes.Count; index++)
        {
            var change = changes[index];
            refusal = StateRules.CheckKey("changes.key", change.Key, Scope.Limits);
            if (refusal is null && change.Payload is { } payload)
                refusal = StateRules.CheckPayload("changes.payload", payload, Scope.Limits);
            if (refusal is null && keys?.Add(change.Key) == false)
                refusal = Rejections.Invalid("changes.key", $"The key '{change.Key}' is changed twice.");
        }

        return refusal;
    }

    private bool IsAsExpected(MapChange change) =>
        change.ExpectedVersion is not { } expected || (Find(change.Key)?.Version ?? 0) == expected;

    private MapItem? Find(string key) => _items.GetValueOrDefault(key);

    private static long BytesOf(string key, TaskPayload? payload) => payload is { } bytes
        ? StateRules.EntryBytes + (2L * key.Length) + StateRules.BytesOf(bytes)
        : 0;
}
