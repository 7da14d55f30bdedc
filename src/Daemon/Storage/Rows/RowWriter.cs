using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Queued.Daemon.Storage.Rows;

/// <summary>
/// Encodes rows into one buffer that it keeps: a version, a checksum over kind, key, version and fields, the fields.
/// </summary>
internal sealed class RowWriter
{
    /// <summary>Of the layout of all rows. A field that is added at the end raises it.</summary>
    public const byte Version = 2;

    internal const int HeaderLength = 1 + sizeof(uint);

    /// <summary>A buffer that one large payload has made is not kept.</summary>
    private const int KeptMax = 1024 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _length;

    public RowWriter Begin()
    {
        if (_buffer.Length > KeptMax) _buffer = new byte[4096];
        _length = HeaderLength;
        return this;
    }

    /// <summary>The row. It lives until the next <see cref="Begin"/>.</summary>
    public ReadOnlySpan<byte> End(RowKind kind, ulong key)
    {
        _buffer[0] = Version;
        var crc = Checksum(kind, key, Version, _buffer.AsSpan(HeaderLength, _length - HeaderLength));
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(1), crc);
        return _buffer.AsSpan(0, _length);
    }

    public void Byte(byte value) => Room(1)[0] = value;

    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Unsigned(ulong value)
    {
        var room = _length;
        Grow(10);
        while (value >= 0x80)
        {
            _buffer[room++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[room++] = (byte)value;
        _length = room;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Real(double value) => BinaryPrimitives.WriteDoubleLittleEndian(Room(sizeof(double)), value);

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Unsigned((ulong)length);
        Encoding.UTF8.GetBytes(value, Room(length));
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        value.CopyTo(Room(value.Length));
    }

    /// <summary>The bytes are written by <paramref name="fill"/>, where they are to be.</summary>
    public void Bytes(int length, SpanAction<byte, object?> fill)
    {
        Unsigned((ulong)length);
        fill(Room(length), null);
    }

    public void Time(DateTimeOffset value) => Signed(value.UtcTicks);

    public void OptionalText(string? value)
    {
        Flag(value is not null);
        if (value is not null) Text(value);
    }

    public void OptionalTime(DateTimeOffset? value)
    {
        Flag(value is not null);
        if (value is { } time) Time(time);
    }

    public void OptionalSpan(TimeSpan? value)
    {
        Flag(value is not null);
        if (value is { } span) Signed(span.Ticks);
    }

    public void OptionalSigned(long? value)
    {
        Flag(value is not null);
        if (value is { } number) Signed(number);
    }

    public void OptionalReal(double? value)
    {
        Flag(value is not null);
        if (value is { } number) Real(number);
    }

    public void Texts(IReadOnlyList<string> values)
    {
        Unsigned((ulong)values.Count);
        foreach (var value in values) Text(value);
    }

    public void Pairs(IReadOnlyDictionary<string, string>? values)
    {
        Unsigned(values is null ? 0 : (ulong)values.Count + 1);
        foreach (var (name, value) in values ?? EmptyPairs)
        {
            Text(name);
            Text(value);
        }
    }

    internal static uint Checksum(RowKind kind, ulong key, byte version, ReadOnlySpan<byte> fields)
    {
        var crc = Crc32C.Add(Crc32C.Start, ((ulong)kind << 8) | version);
        return ~Crc32C.Add(Crc32C.Add(crc, key), fields);
    }

    private static readonly Dictionary<string, string> EmptyPairs = [];

    private Span<byte> Room(int length)
    {
        Grow(length);
        var room = _buffer.AsSpan(_length, length);
        _length += length;
        return room;
    }

    private void Grow(int length)
    {
        if (_buffer.Length - _length >= length) return;
        Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + length));
    }
}
