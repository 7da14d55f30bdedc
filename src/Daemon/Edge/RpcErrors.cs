using System.Collections.Frozen;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Queued.Broker;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Daemon.Edge;

/// <summary>
/// The one table of what can go wrong with a call, and how it looks on the wire. docs/errors.md has the same rows for
/// people; a test keeps them equal.
/// </summary>
internal static class RpcErrors
{
    public const string Domain = "queued";

    /// <summary>Trailers are small; a longer message is cut.</summary>
    private const int MessageLengthMax = 2048;

    public const string DaemonBusy = "DAEMON_BUSY";
    public const string UnauthenticatedWorker = "UNAUTHENTICATED_WORKER";
    public const string WorkerDisconnected = "WORKER_DISCONNECTED";
    public const string ExecDenied = "EXEC_DENIED";
    public const string BackupFailed = "BACKUP_FAILED";
    public const string Internal = "INTERNAL";

    private static readonly FrozenDictionary<RejectionReason, string> Reasons = new Dictionary<RejectionReason, string>
    {
        [RejectionReason.InvalidRequest] = "INVALID_REQUEST",
        [RejectionReason.TaskNotFound] = "TASK_NOT_FOUND",
        [RejectionReason.QueueNotFound] = "QUEUE_NOT_FOUND",
        [RejectionReason.PoolNotFound] = "POOL_NOT_FOUND",
        [RejectionReason.WorkerNotFound] = "WORKER_NOT_FOUND",
        [RejectionReason.IdempotencyConflict] = "IDEMPOTENCY_CONFLICT",
        [RejectionReason.PoolExists] = "POOL_EXISTS",
        [RejectionReason.QueueFull] = "QUEUE_FULL",
        [RejectionReason.StoreFull] = "STORE_FULL",
        [RejectionReason.LimitReached] = "LIMIT_REACHED",
        [RejectionReason.PayloadTooLarge] = "PAYLOAD_TOO_LARGE",
        [RejectionReason.TaskFinished] = "TASK_FINISHED",
        [RejectionReason.TaskNotFinished] = "TASK_NOT_FINISHED",
        [RejectionReason.AttemptStale] = "ATTEMPT_STALE",
        [RejectionReason.QueueDraining] = "QUEUE_DRAINING",
        [RejectionReason.QueueNotEmpty] = "QUEUE_NOT_EMPTY",
        [RejectionReason.QueueInUse] = "QUEUE_IN_USE",
        [RejectionReason.DaemonDraining] = "DAEMON_DRAINING",
        [RejectionReason.WorkerConnected] = "WORKER_CONNECTED",
        [RejectionReason.ProtocolUnsupported] = "PROTOCOL_UNSUPPORTED",
        [RejectionReason.SessionNotFound] = "SESSION_NOT_FOUND",
        [RejectionReason.StateNotFound] = "STATE_NOT_FOUND",
        [RejectionReason.PipeNotFound] = "PIPE_NOT_FOUND",
        [RejectionReason.SegmentNotFound] = "SEGMENT_NOT_FOUND",
        [RejectionReason.WrongKind] = "WRONG_KIND",
        [RejectionReason.StateConflict] = "STATE_CONFLICT",
        [RejectionReason.SegmentExists] = "SEGMENT_EXISTS",
        [RejectionReason.PipeEndTaken] = "PIPE_END_TAKEN",
        [RejectionReason.PipeClosed] = "PIPE_CLOSED",
        [RejectionReason.NotHeld] = "NOT_HELD",
        [RejectionReason.GrantStale] = "GRANT_STALE",
        [RejectionReason.PermitsExceeded] = "PERMITS_EXCEEDED",
        [RejectionReason.BarrierBroken] = "BARRIER_BROKEN",
        [RejectionReason.StateInUse] = "STATE_IN_USE",
        [RejectionReason.WaitCancelled] = "WAIT_CANCELLED",
        [RejectionReason.MemoryFull] = "MEMORY_FULL",
    }.ToFrozenDictionary();

    /// <summary>Reason → status code.</summary>
    public static FrozenDictionary<string, StatusCode> Table { get; } = new Dictionary<string, StatusCode>
    {
        ["INVALID_REQUEST"] = StatusCode.InvalidArgument,
        ["PAYLOAD_TOO_LARGE"] = StatusCode.InvalidArgument,
        ["TASK_NOT_FOUND"] = StatusCode.NotFound,
        ["QUEUE_NOT_FOUND"] = StatusCode.NotFound,
        ["POOL_NOT_FOUND"] = StatusCode.NotFound,
        ["WORKER_NOT_FOUND"] = StatusCode.NotFound,
        ["IDEMPOTENCY_CONFLICT"] = StatusCode.AlreadyExists,
        ["POOL_EXISTS"] = StatusCode.AlreadyExists,
        ["QUEUE_FULL"] = StatusCode.ResourceExhausted,
        ["STORE_FULL"] = StatusCode.ResourceExhausted,
        ["LIMIT_REACHED"] = StatusCode.ResourceExhausted,
        [DaemonBusy] = StatusCode.ResourceExhausted,
        ["TASK_FINISHED"] = StatusCode.FailedPrecondition,
        ["TASK_NOT_FINISHED"] = StatusCode.FailedPrecondition,
        ["ATTEMPT_STALE"] = StatusCode.FailedPrecondition,
        ["QUEUE_DRAINING"] = StatusCode.FailedPrecondition,
        ["QUEUE_NOT_EMPTY"] = StatusCode.FailedPrecondition,
        ["QUEUE_IN_USE"] = StatusCode.FailedPrecondition,
        ["WORKER_CONNECTED"] = StatusCode.FailedPrecondition,
        ["PROTOCOL_UNSUPPORTED"] = StatusCode.FailedPrecondition,
        [BackupFailed] = StatusCode.FailedPrecondition,
        ["SESSION_NOT_FOUND"] = StatusCode.NotFound,
        ["STATE_NOT_FOUND"] = StatusCode.NotFound,
        ["PIPE_NOT_FOUND"] = StatusCode.NotFound,
        ["SEGMENT_NOT_FOUND"] = StatusCode.NotFound,
        ["WRONG_KIND"] = StatusCode.FailedPrecondition,
        ["STATE_CONFLICT"] = StatusCode.AlreadyExists,
        ["SEGMENT_EXISTS"] = StatusCode.AlreadyExists,
        ["PIPE_END_TAKEN"] = StatusCode.FailedPrecondition,
        ["PIPE_CLOSED"] = StatusCode.FailedPrecondition,
        ["NOT_HELD"] = StatusCode.FailedPrecondition,
        ["GRANT_STALE"] = StatusCode.FailedPrecondition,
        ["PERMITS_EXCEEDED"] = StatusCode.FailedPrecondition,
        ["BARRIER_BROKEN"] = StatusCode.Aborted,
        ["STATE_IN_USE"] = StatusCode.FailedPrecondition,
        ["WAIT_CANCELLED"] = StatusCode.Cancelled,
        ["MEMORY_FULL"] = StatusCode.ResourceExhausted,
        ["DAEMON_DRAINING"] = StatusCode.Unavailable,
        [WorkerDisconnected] = StatusCode.Aborted,
        [UnauthenticatedWorker] = StatusCode.Unauthenticated,
        [ExecDenied] = StatusCode.PermissionDenied,
        [Internal] = StatusCode.Internal,
    }.ToFrozenDictionary();

    public static string ReasonOf(RejectionReason reason) => Reasons[reason];

    public static RpcStatus ToStatus(Rejection rejection)
    {
        var (message, resource) = (rejection.Message, rejection.Resource);
        if (resource is not null && LimitNames.OfCore.TryGetValue(resource, out var limit))
        {
            message = message.Replace(resource, limit, StringComparison.Ordinal);
            resource = limit;
        }

        return Build(ReasonOf(rejection.Reason), message, rejection.Field, resource, rejection.RetryAfter);
    }

    public static RpcException ToException(Rejection rejection) => ToStatus(rejection).ToRpcException();

    /// <summary>An error that the edge itself finds.</summary>
    public static RpcException Create(
        string reason, string message, string? field = null, string? resource = null, TimeSpan? retryAfter = null) =>
        Build(reason, message, field, resource, retryAfter).ToRpcException();

    public static RpcStatus ToStatus(string reason, string message, string? field = null) =>
        Build(reason, message, field, null, null);

    public static Rejection Invalid(string field, string message) =>
        new(RejectionReason.InvalidRequest, message, field);

    public static RpcException InvalidCall(string field, string message) => ToException(Invalid(field, message));

    public static RpcException Draining() =>
        Create("DAEMON_DRAINING", "The daemon is stopping. Call again when it, or another, is there.",
            retryAfter: TimeSpan.FromSeconds(1));

    private static RpcStatus Build(string reason, string message, string? field, string? resource, TimeSpan? retryAfter)
    {
        var code = Table[reason];
        if (message.Length > MessageLengthMax) message = message[..MessageLengthMax];
        var info = new ErrorInfo { Domain = Domain, Reason = reason };
        if (field is not null) info.Metadata["field"] = field;
        if (resource is not null) info.Metadata["resource"] = resource;

        var status = new RpcStatus { Code = (int)code, Message = message, Details = { Any.Pack(info) } };
        if (field is not null) status.Details.Add(Any.Pack(BadField(field, message, reason)));
        if (Detail(code, reason, message, resource) is { } detail) status.Details.Add(detail);
        if (retryAfter is { } delay)
        {
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        }

        return status;
    }

    private static BadRequest BadField(string field, string message, string reason) => new()
    {
        FieldViolations =
        {
            new BadRequest.Types.FieldViolation { Field = field, Description = message, Reason = reason },
        },
    };

    private static Any? Detail(StatusCode code, string reason, string message, string? resource) => code switch
    {
        StatusCode.NotFound or StatusCode.AlreadyExists => Any.Pack(new ResourceInfo
        {
            ResourceType = ResourceType(reason),
            ResourceName = resource ?? "",
            Description = message,
        }),
        StatusCode.ResourceExhausted => Any.Pack(new QuotaFailure
        {
            Violations = { new QuotaFailure.Types.Violation { Subject = resource ?? "daemon", Description = message } },
        }),
        StatusCode.FailedPrecondition => Any.Pack(new PreconditionFailure
        {
            Violations =
            {
                new PreconditionFailure.Types.Violation
                {
                    Type = reason,
                    Subject = resource ?? "",
                    Description = message,
                },
            },
        }),
        _ => null,
    };

    private static string ResourceType(string reason) => reason switch
    {
        "TASK_NOT_FOUND" => "task",
        "QUEUE_NOT_FOUND" => "queue",
        "POOL_NOT_FOUND" or "POOL_EXISTS" => "pool",
        "WORKER_NOT_FOUND" => "worker",
        "SESSION_NOT_FOUND" => "session",
        "STATE_NOT_FOUND" or "STATE_CONFLICT" => "state",
        "PIPE_NOT_FOUND" => "pipe",
        "SEGMENT_NOT_FOUND" or "SEGMENT_EXISTS" => "segment",
        _ => "idempotency_key",
    };
}
