using System.Buffers.Binary;
using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using Queued.Broker;
using Queued.Daemon.Logs;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>
/// Between the contract and the core, by hand and in full. Every enum value is named; a new one does not compile
/// away.
/// </summary>
internal static partial class ProtoMapping
{
    private const int FingerprintBytes = 16;

    public static Wire.TaskState ToWire(TaskState state) => state switch
    {
        TaskState.Scheduled => Wire.TaskState.Scheduled,
        TaskState.Queued => Wire.TaskState.Queued,
        TaskState.Running => Wire.TaskState.Running,
        TaskState.Retrying => Wire.TaskState.Retrying,
        TaskState.Succeeded => Wire.TaskState.Succeeded,
        TaskState.Failed => Wire.TaskState.Failed,
        TaskState.Cancelled => Wire.TaskState.Cancelled,
        TaskState.TimedOut => Wire.TaskState.TimedOut,
        TaskState.Expired => Wire.TaskState.Expired,
        _ => throw new UnreachableException($"Task state {state}"),
    };

    public static Wire.FailureKind ToWire(FailureKind kind) => kind switch
    {
        FailureKind.Error => Wire.FailureKind.Error,
        FailureKind.ExitCode => Wire.FailureKind.ExitCode,
        FailureKind.Signal => Wire.FailureKind.Signal,
        FailureKind.OutOfMemory => Wire.FailureKind.Oom,
        FailureKind.Timeout => Wire.FailureKind.Timeout,
        FailureKind.Spawn => Wire.FailureKind.Spawn,
        FailureKind.Lost => Wire.FailureKind.Lost,
        FailureKind.Rejected => Wire.FailureKind.Rejected,
        FailureKind.Expired => Wire.FailureKind.Expired,
        FailureKind.Cancelled => Wire.FailureKind.Cancelled,
        _ => throw new UnreachableException($"Failure kind {kind}"),
    };

    public static Wire.DrainReason ToWire(DrainReason reason) => reason switch
    {
        DrainReason.Stop => Wire.DrainReason.Stop,
        DrainReason.DaemonStopping => Wire.DrainReason.DaemonStopping,
        _ => throw new UnreachableException($"Drain reason {reason}"),
    };

    public static Wire.CancelReason ToWire(CancelReason reason) => reason switch
    {
        CancelReason.Cancelled => Wire.CancelReason.Cancelled,
        CancelReason.SoftTimeout => Wire.CancelReason.SoftTimeout,
        CancelReason.Timeout => Wire.CancelReason.Timeout,
        CancelReason.Shutdown => Wire.CancelReason.Shutdown,
        _ => throw new UnreachableException($"Cancel reason {reason}"),
    };

    public static Wire.QueueState ToWire(QueueState state) => state switch
    {
        QueueState.Active => Wire.QueueState.Active,
        QueueState.Paused => Wire.QueueState.Paused,
        QueueState.Draining => Wire.QueueState.Draining,
        _ => throw new UnreachableException($"Queue state {state}"),
    };

    public static Wire.Durability ToWire(Durability durability) => durability switch
    {
        Durability.Memory => Wire.Durability.Memory,
        Durability.Async => Wire.Durability.Async,
        Durability.Fsync => Wire.Durability.Fsync,
        _ => throw new UnreachableException($"Durability {durability}"),
    };

    public static Wire.PoolState ToWire(PoolState state) => state switch
    {
        PoolState.Active => Wire.PoolState.Active,
        PoolState.Broken => Wire.PoolState.Broken,
        PoolState.Stopping => Wire.PoolState.Stopping,
        _ => throw new UnreachableException($"Pool state {state}"),
    };

    public static Wire.WorkerState ToWire(WorkerState state) => state switch
    {
        WorkerState.Starting => Wire.WorkerState.Starting,
        WorkerState.Ready => Wire.WorkerState.Ready,
        WorkerState.Busy => Wire.WorkerState.Busy,
        WorkerState.Backoff => Wire.WorkerState.Backoff,
        WorkerState.Draining => Wire.WorkerState.Draining,
        WorkerState.Exited => Wire.WorkerState.Exited,
        WorkerState.Fatal => Wire.WorkerState.Fatal,
        _ => throw new UnreachableException($"Worker state {state}"),
    };

    public static Wire.LogSource ToWire(LogSource source) => source switch
    {
        LogSource.Stdout => Wire.LogSource.Stdout,
        LogSource.Stderr => Wire.LogSource.Stderr,
        LogSource.Log => Wire.LogSource.Log,
        _ => throw new UnreachableException($"Log source {source}"),
    };

    /// <summary>Null: not a state that a filter may name. UNSPECIFIED is any state, and handled before.</summary>
    public static TaskState? FromWire(Wire.TaskState state) => state switch
    {
        Wire.TaskState.Scheduled => TaskState.Scheduled,
        Wire.TaskState.Queued => TaskState.Queued,
        Wire.TaskState.Running => TaskState.Running,
        Wire.TaskState.Retrying => TaskState.Retrying,
        Wire.TaskState.Succeeded => TaskState.Succeeded,
        Wire.TaskState.Failed => TaskState.Failed,
        Wire.TaskState.Cancelled => TaskState.Cancelled,
        Wire.TaskState.TimedOut => TaskState.TimedOut,
        Wire.TaskState.Expired => TaskState.Expired,
        _ => null,
    };

    /// <summary>Null: not a durability of this version.</summary>
    public static Durability? FromWire(Wire.Durability durability) => durability switch
    {
        Wire.Durability.Memory => Durability.Memory,
        Wire.Durability.Async => Durability.Async,
        Wire.Durability.Fsync => Durability.Fsync,
        _ => null,
    };

    /// <summary>Null: not a kind that a worker may say.</summary>
    public static FailureKind? FromWire(Wire.FailureKind kind) => kind switch
    {
        Wire.FailureKind.Unspecified or Wire.FailureKind.Error => FailureKind.Error,
        Wire.FailureKind.Rejected => FailureKind.Rejected,
        Wire.FailureKind.Cancelled => FailureKind.Cancelled,
        _ => null,
    };

    /// <summary>The bytes are shared, not copied: neither side ever changes them.</summary>
    public static TaskPayload FromWire(Wire.Payload? payload) => payload switch
    {
        null => TaskPayload.Empty,
        { Segment: { } range } => TaskPayload.InSegment(FromWire(range), payload.ContentType),
        _ => new TaskPayload(payload.Data.Memory, payload.ContentType),
    };

    /// <summary>Whether the batch holds a payload for each of so many.</summary>
    public static bool Holds(Wire.PayloadBatch? batch, int count, string field, ref FieldCheck check)
    {
        if (batch is null)
        {
            check.Reject(field, $"{field} is not set. It holds a payload for each of {count}.");
            return false;
        }

        if (batch.Holds(count)) return true;
        check.Reject(
            field,
            $"{field} has {batch.Lengths.Count} lengths and {batch.Data.Length} bytes of data. It has one length for " +
            $"each of {count}, and their sum is the length of data.");
        return false;
    }

    /// <summary>Copied, because a payload that stays would keep the bytes of all others.</summary>
    /// <param name="batch">It holds so many.</param>
    /// <param name="index">One after the other from 0 on.</param>
    /// <param name="offset">0 at first.</param>
    public static TaskPayload Take(Wire.PayloadBatch batch, int index, ref int offset)
    {
        var bytes = batch.Take(index, ref offset);
        return new TaskPayload(batch.Lengths.Count == 1 ? bytes : bytes.ToArray(), batch.ContentType);
    }

    public static Wire.Payload? ToWire(TaskPayload? payload) => payload is { } some ? ToWire(some) : null;

    public static Wire.Payload ToWire(TaskPayload payload) => payload.Range is { } range
        ? new Wire.Payload
        {
            ContentType = payload.ContentType,
            Segment = new Wire.SegmentRange
            {
                SegmentId = range.Segment.Value,
                Offset = (ulong)range.Offset,
                Length = (ulong)range.Length,
            },
        }
        : new Wire.Payload
        {
            Data = UnsafeByteOperations.UnsafeWrap(payload.Data),
            ContentType = payload.ContentType,
        };

    /// <summary>What is out of every range is nowhere, which the core says.</summary>
    private static SegmentRange FromWire(Wire.SegmentRange range) => new(
        new SegmentId(range.SegmentId),
        range.Offset <= long.MaxValue ? (long)range.Offset : -1,
        range.Length <= int.MaxValue ? (int)range.Length : 0,
        range.Fingerprint.Length == FingerprintBytes
            ? BinaryPrimitives.ReadUInt128LittleEndian(range.Fingerprint.Span)
            : default);

    public static Timestamp ToWire(DateTimeOffset time) => Timestamp.FromDateTimeOffset(time);

    private static Timestamp? ToWire(DateTimeOffset? time) => time is { } some ? ToWire(some) : null;

    public static Duration ToWire(TimeSpan span) => Duration.FromTimeSpan(span);

    private static Duration? ToWire(TimeSpan? span) => span is { } some ? ToWire(some) : null;

    private static Dictionary<string, string>? FromWire(MapField<string, string> map) =>
        map.Count == 0 ? null : new Dictionary<string, string>(map, StringComparer.Ordinal);

    private static void Fill(MapField<string, string> map, IReadOnlyDictionary<string, string>? values)
    {
        if (values is null) return;
        foreach (var (key, value) in values) map.Add(key, value);
    }
}
