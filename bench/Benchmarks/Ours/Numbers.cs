using System.Buffers.Binary;

namespace Queued.Benchmarks;

/// <summary>Payloads that begin with a number, and which of them have come back: each has to, and once.</summary>
internal sealed class Numbers(int count)
{
    public const int PayloadBytes = 64;

    private readonly bool[] _seen = new bool[count];

    public static byte[] Payload(int number)
    {
        var payload = new byte[PayloadBytes];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        return payload;
    }

    public void See(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != PayloadBytes)
            throw new InvalidOperationException($"{payload.Length} bytes came back.");
        See(BinaryPrimitives.ReadInt32LittleEndian(payload));
    }

    public void See(int number)
    {
        if (Interlocked.Exchange(ref _seen[number], true))
            throw new InvalidOperationException($"{number} came back twice.");
    }

    public void SeenAll()
    {
        if (Array.IndexOf(_seen, false) is >= 0 and var missing)
            throw new InvalidOperationException($"{missing} of {_seen.Length} did not come back.");
    }
}
