using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Queued.Client.Streams;
using Queued.Worker.Memory;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>Puts the large payloads of one stream into shared memory, and takes results from there.</summary>
internal sealed class LargePayloads(PayloadSegments segments) : IDisposable
{
    private const string Exec = "exec";
    private const int FingerprintBytes = 16;

    /// <summary>Its payload is to be put into a segment before it is sent.</summary>
    public static bool IsLarge(PendingTask task) =>
        task.Payload.Data.Length > SegmentWriter.InlineBytesMax && task.Template!.Spec.Handler != Exec;

    /// <summary>Afterwards it is known where it is, or that it goes inline.</summary>
    public async Task StageAsync(PendingTask task, CancellationToken cancellationToken)
    {
        var spec = task.Template!.Spec;
        var range = await segments.Writer.WriteAsync(task.Payload.Data, cancellationToken)
            .ConfigureAwait(false);
        if (range is not null && spec.IdempotencyKey is not null)
            range.Fingerprint = ByteString.CopyFrom(FingerprintOf(spec.Handler, task.Payload));
        task.Staged = new StagedPayload(this, range, range is null ? segments.Writer.Obstacle : "");
    }

    /// <summary>The daemon has nobody who uses it.</summary>
    public void Free(ulong segment) => segments.Writer.Free(segment);

    /// <summary>Nobody knows who uses it.</summary>
    public void Close(Proto.SegmentRange? range)
    {
        if (range is not null)
            segments.Writer.Close(range);
    }

    /// <summary>Brings a result here, so that nobody has to know where it was.</summary>
    /// <param name="outcome">Has it.</param>
    /// <param name="isInPlace">It is not copied: whoever gets the outcome calls <see cref="Leave"/>.</param>
    /// <param name="close">
    /// Given the segment that it was in, when it is needed no more. False: it may have been another's by then.
    /// </param>
    public void Fetch(Proto.TaskOutcome outcome, bool isInPlace, Func<ulong, bool> close)
    {
        if (outcome.Result?.Segment is not { } range)
            return;
        var segment = range.SegmentId;
        var isOpen = false;
        try
        {
            var data = isInPlace
                ? segments.Reader.Open(range, () => close(segment)).Memory
                : segments.Reader.Copy(range);
            isOpen = isInPlace;
            outcome.Result = new Proto.Payload
            {
                Data = UnsafeByteOperations.UnsafeWrap(data),
                ContentType = outcome.Result.ContentType,
            };
        }
        catch (IOException exception)
        {
            outcome.Result = null;
            outcome.Failure = new Proto.Failure
            {
                Kind = Proto.FailureKind.Lost,
                Message = $"It ended as {outcome.State}, but its result cannot be read from shared memory: "
                    + exception.Message,
            };
            outcome.State = Proto.TaskState.Failed;
        }

        if (!isOpen)
            close(segment);
    }

    /// <summary>A result that stays when it is left: it is copied if it is where its worker left it.</summary>
    public static TaskPayload Own(TaskPayload result)
    {
        if (!IsInPlace(result, out _))
            return result;
        var bytes = FreshBytes.Allocate(result.Data.Length);
        result.Data.Span.CopyTo(bytes);
        return result with { Data = bytes };
    }

    /// <summary>The result of this outcome, if it is where its worker left it, is needed no more.</summary>
    /// <returns>False: the bytes may have been another's before this.</returns>
    public static bool Leave(TaskOutcome outcome)
    {
        if (outcome.Result is not { } result || !IsInPlace(result, out var memory))
            return true;
        ((IDisposable)memory).Dispose();
        return !memory.IsOverwritten;
    }

    public void Dispose() => segments.Dispose();

    private static bool IsInPlace(TaskPayload result, [NotNullWhen(true)] out SegmentRangeMemory? memory) =>
        MemoryMarshal.TryGetMemoryManager(result.Data, out memory);

    // As the daemon does for a payload that it has in a message.
    private static byte[] FingerprintOf(string handler, TaskPayload payload)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{handler}\0{payload.ContentType}\0"));
        hash.AppendData(payload.Data.Span);
        return hash.GetHashAndReset()[..FingerprintBytes];
    }
}

/// <summary>Where the payload of a task is that is about to be sent.</summary>
/// <param name="By">Of which stream: a segment is gone with its stream.</param>
/// <param name="Range">Null: it goes inline.</param>
/// <param name="Obstacle">Why it goes inline.</param>
internal sealed record StagedPayload(LargePayloads By, Proto.SegmentRange? Range, string Obstacle);
