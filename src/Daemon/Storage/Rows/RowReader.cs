using System.Buffers.Binary;
using System.Text;

namespace Queued.Daemon.Storage.Rows;

/// <summary>Decodes what <see cref="RowWriter"/> wrote, or throws <see cref="DamagedRowException"/>.</summary>
internal ref struct RowReader
{
    private ReadOnlySpan<byte> _rest;

    private readonly KnownTexts? _known;

    /// <param name="row">The row.</param>
    /// <param name="kind">What it should be.</param>
    /// <param name="key">Whose it should be.</param>
    /// <param name="known">Shares the texts that are read as names.</param>
    public RowReader(ReadOnlySpan<byte> row, RowKind kind, ulong key, KnownTexts? known = null)
    {
        _known = known;
        if (row.Length < RowWriter.HeaderLength)
        {
            throw new DamagedRowException($"it has {row.Length} bytes, fewer than its header");
        }

        Version = row[0];
        _rest = row[RowWriter.HeaderLength..];
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(row[1..]);
        var actual = RowWriter.Checksum(kind, key, Version, _rest);
        if (stored != actual)
        {
            throw new DamagedRowException($"its checksum is {actual:x8}, not {stored:x8} as it was written");
        }

        if (Version is 0 or > RowWriter.Version)
        {
            throw new DamagedRowException(
                $"its layout has version {Version}; this daemon knows up to {RowWriter.Version}");
        }
    }

    public byte Version { get; }

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Take(1)[0];

    public bool Flag() => Byte() != 0;

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw new DamagedRowException("it holds a number without an end");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Int32() => checked((int)Signed());

    public double Real() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    public string Text() => Encoding.UTF8.GetString(Take(Length()));

    /// <summary>A text that other rows have as well.</summary>
    public string Name() => _known is null ? Text() : _known.Read(Take(Length()));

    public ReadOnlySpan<byte> Bytes() => Take(Length());

    public DateTimeOffset Time() => new(Signed(), TimeSpan.Zero);

    public string? OptionalText() => Flag() ? Text() : null;

    public DateTimeOffset? OptionalTime() => Flag() ? Time() : null;

    public TimeSpan? OptionalSpan() => Flag() ? new TimeSpan(Signed()) : null;

    public long? OptionalSigned() => Flag() ? Signed() : null;

    public double? OptionalReal() => Flag() ? Real() : null;

    public string[] Texts()
    {
        var count = Length();
        if (count == 0) return [];
        var values = new string[count];
        for (var index = 0; index < count; index++) values[index] = Text();
        return values;
    }

    public Dictionary<string, string>? Pairs()
    {
        var count = Length();
        if (count == 0) return null;
        var values = new Dictionary<string, string>(count - 1, StringComparer.Ordinal);
        for (var index = 1; index < count; index++)
        {
            var name = Name();
            values[name] = Text();
        }

        return values;
    }

    // No count is above the bytes that are left, whatever the row says: a wrong one must not take all memory.
    private int Length()
    {
        var length = Unsigned();
        return length <= (ulong)_rest.Length + 1
            ? (int)length
            : throw new DamagedRowException($"it announces {length} where {_rest.Length} bytes are left");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length) throw new DamagedRowException("it ends in the middle of a field");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
