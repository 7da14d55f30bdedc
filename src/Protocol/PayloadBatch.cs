using Google.Protobuf;

namespace Queued.Protocol.V1;

/// <summary>How payloads are put together and taken apart.</summary>
public sealed partial class PayloadBatch
{
    private const int FirstCapacity = 1024;

    private ReadOnlyMemory<byte> _first;
    private byte[]? _together;
    private int _used;

    /// <summary>
    /// One more payload. The message is whole after <see cref="Seal"/>, and must not be changed by others until then.
    /// </summary>
    public void Append(ReadOnlyMemory<byte> payload)
    {
        Lengths.Add((uint)payload.Length);
        if (Lengths.Count == 1)
        {
            // Alone it need not be copied.
            _first = payload;
            return;
        }

        if (Lengths.Count == 2) Copy(_first.Span);
        Copy(payload.Span);
    }

    /// <summary>All payloads are there.</summary>
    public void Seal()
    {
        var bytes = _together is null ? _first : new ReadOnlyMemory<byte>(_together, 0, _used);
        Data = UnsafeByteOperations.UnsafeWrap(bytes);
        (_first, _together) = (default, null);
    }

    /// <summary>Whether it holds that many payloads, and the bytes of all.</summary>
    public bool Holds(int count)
    {
        if (Lengths.Count != count) return false;
        var bytes = 0UL;
        for (var index = 0; index < count; index++) bytes += Lengths[index];
        return bytes == (ulong)Data.Length;
    }

    /// <summary>One of its payloads, for who goes through all of them.</summary>
    /// <param name="index">From 0 on, one after the other.</param>
    /// <param name="offset">Where it begins; afterwards where the next one does. 0 at first.</param>
    public ReadOnlyMemory<byte> Take(int index, ref int offset)
    {
        var payload = Data.Memory.Slice(offset, (int)Lengths[index]);
        offset += payload.Length;
        return payload;
    }

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        if (_together is null || _together.Length - _used < bytes.Length)
        {
            var capacity = Math.Max(Math.Max(FirstCapacity, 2 * _used), _used + bytes.Length);
            var larger = GC.AllocateUninitializedArray<byte>(capacity);
            _together.AsSpan(0, _used).CopyTo(larger);
            _together = larger;
        }

        bytes.CopyTo(_together.AsSpan(_used));
        _used += bytes.Length;
    }
}
