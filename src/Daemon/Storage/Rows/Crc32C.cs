using System.Buffers.Binary;
using System.Numerics;

namespace Queued.Daemon.Storage.Rows;

/// <summary>The checksum of rows and of the high-water mark: the Castagnoli polynomial, as in RFC 3720.</summary>
internal static class Crc32C
{
    public const uint Start = uint.MaxValue;

    public static uint Of(ReadOnlySpan<byte> bytes) => ~Add(Start, bytes);

    public static uint Add(uint crc, ulong value) => BitOperations.Crc32C(crc, value);

    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
