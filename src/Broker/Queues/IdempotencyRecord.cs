using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Queued.Broker;

/// <summary>Remembers that a key of a queue was used, for which task and which content.</summary>
internal sealed class IdempotencyRecord((string Queue, string Key) key, TaskId task, UInt128 fingerprint) : Timed
{
    public (string Queue, string Key) Key { get; } = key;

    public TaskId Task { get; } = task;

    public bool IsStored { get; init; }

    public UInt128 Fingerprint { get; } = fingerprint;

    /// <summary>Half of a SHA-256 over handler, content type and payload: enough to tell other content.</summary>
    public static UInt128 FingerprintOf(TaskSubmission task)
    {
        if (task.Payload.Range is { } range) return range.Fingerprint;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{task.Handler}\0{task.Payload.ContentType}\0"));
        hash.AppendData(task.Payload.Data.Span);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }
}
