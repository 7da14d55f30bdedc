namespace Queued.Broker;

/// <summary>Bytes in a row.</summary>
internal sealed class ListObject(string name, StateSettings settings, StateScope scope)
    : StateObject(name, settings, scope)
{
    private readonly List<TaskPayload> _items = [];

    public void Read(Command.ReadList read)
    {
        if (read.Count < 1 || read.Count > Scope.Limits.PageSizeMax)
        {
            Turn.Refuse(read.Request, Rejections.Invalid(
                "count", $"The count must be between 1 and {Scope.Limits.PageSizeMax}."));
            return;
        }

        var start = Math.Clamp(FromStart(read.Start, _items.Count), 0, _items.Count);
        var items = _items.GetRange((int)start, (int)Math.Min(read.Count, _items.Count - start));
        Turn.Reply(read.Request, new Response.ListRead(items, _items.Count));
    }

    public void Write(Command.WriteList write)
    {
        var refusal = Plan(write, out var start, out var count) ?? CheckItems(write.Items);
        if (refusal is null)
        {
            var bytes = write.Clear ? 0 : Bytes - Sum(_items.GetRange(start, count));
            refusal = Scope.Resize(this, bytes + Sum(write.Items));
        }

        if (refusal is not null)
        {
            Turn.Refuse(write.Request, refusal);
            return;
        }

        if (write.Clear) _items.Clear();
        var removed = _items.GetRange(start, count);
        _items.RemoveRange(start, count);
        _items.InsertRange(start, write.Items);
        Turn.Reply(write.Request, new Response.ListWritten(removed, _items.Count));
    }

    public override StateView View() => base.View() with { Count = _items.Count };

    /// <summary>Where to take out how many, once the list is cleared where it is to be.</summary>
    private Rejection? Plan(Command.WriteList write, out int start, out int count)
    {
        var length = write.Clear ? 0 : _items.Count;
        (start, count) = (length, 0);
        if (StateRules.CheckBatch("remove_count", write.RemoveCount, Scope.Limits) is { } refusal) return refusal;
        if (write.Append)
        {
            return write.Start == 0 && write.RemoveCount == 0
                ? null
                : Rejections.Invalid("append", "Where append is set, start and remove_count must be 0.");
        }

        var from = FromStart(write.Start, length);
        if (write.Items.Count > 0 && (from < 0 || from > length - write.RemoveCount))
        {
            return Rejections.Invalid(
                "start", $"There are no {write.RemoveCount} items from {write.Start} on: the list has {length}.");
        }

        start = (int)Math.Clamp(from, 0, length);
        count = from < 0 ? 0 : Math.Min(write.RemoveCount, length - start);
        return null;
    }

    private Rejection? CheckItems(IReadOnlyList<TaskPayload> items)
    {
        var refusal = StateRules.CheckBatch("items", items.Count, Scope.Limits);
        for (var index = 0; refusal is null && index < items.Count; index++)
            refusal = StateRules.CheckPayload("items", items[index], Scope.Limits);
        return refusal;
    }

    private static long FromStart(long index, int length) => index < 0 ? index + length : index;

    private static long Sum(IReadOnlyList<TaskPayload> items) =>
        items.Sum(item => StateRules.EntryBytes + StateRules.BytesOf(item));
}
