namespace Queued.Broker;

/// <summary>A fixed number of elements of a fixed size, 0 at first.</summary>
internal sealed class ArrayObject : StateObject
{
    private readonly byte[] _bytes;

    public ArrayObject(string name, StateSettings settings, StateScope scope)
        : base(name, settings, scope) => _bytes = new byte[BytesOf(settings)];

    public static long BytesOf(StateSettings settings) => (long)settings.Length * settings.ElementBytes;

    public void Read(Command.ReadArray read)
    {
        var count = read.Count == 0 ? Settings.Length - read.Start : read.Count;
        if (CheckRange(read.Start, count, "count") is { } refusal)
        {
            Turn.Refuse(read.Request, refusal);
            return;
        }

        // A copy: the answer leaves after others may have written.
        var bytes = Part(read.Start, count * Settings.ElementBytes).ToArray();
        Turn.Reply(read.Request, new Response.ArrayRead(bytes));
    }

    public void Write(Command.WriteArray write)
    {
        var bytes = write.Elements.Span;
        var refusal = bytes.Length % Settings.ElementBytes != 0
            ? Rejections.Invalid("elements", $"elements has {bytes.Length} bytes, which are no whole elements of " +
                $"{Settings.ElementBytes} bytes.")
            : CheckRange(write.Start, bytes.Length / Settings.ElementBytes, "elements");
        if (refusal is null && write.Expected.Length > 0 && write.Expected.Length != bytes.Length)
            refusal = Rejections.Invalid("expected", "expected must have as many bytes as elements.");
        if (refusal is not null)
        {
            Turn.Refuse(write.Request, refusal);
            return;
        }

        var place = Part(write.Start, bytes.Length);
        var isWritten = write.Expected.Length == 0 || place.SequenceEqual(write.Expected.Span);
        if (isWritten) bytes.CopyTo(place);
        Turn.Reply(write.Request, new Response.ArrayWritten(isWritten));
    }

    public override StateView View() => base.View() with { Count = Settings.Length };

    private Span<byte> Part(int start, int length) => _bytes.AsSpan(start * Settings.ElementBytes, length);

    private Rejection? CheckRange(int start, int count, string field) =>
        start > Settings.Length
            ? Rejections.Invalid("start", $"start is {start}; the array has {Settings.Length} elements.")
            : count > Settings.Length - start
                ? Rejections.Invalid(
                    field, $"From {start} on there are {Settings.Length - start} elements, not {count}.")
                : null;
}
