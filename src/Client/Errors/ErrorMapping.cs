using System.Collections.Frozen;
using System.Net.Sockets;
using Google.Rpc;
using Grpc.Core;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Client;

/// <summary>
/// The one table from reasons to exceptions, of the daemon's and of our own. docs/errors.md is the same table, and has
/// those of <see cref="TaskUnsuccessfulException"/> too; a test keeps them equal.
/// </summary>
internal static class ErrorMapping
{
    private static readonly ExceptionFactory Invalid = (d, e) => new InvalidRequestException(d, e);
    private static readonly ExceptionFactory Conflict = (d, e) => new ConflictException(d, e);
    private static readonly ExceptionFactory Capacity = (d, e) => new CapacityExceededException(d, e);
    private static readonly ExceptionFactory Precondition = (d, e) => new PreconditionFailedException(d, e);
    private static readonly ExceptionFactory Denied = (d, e) => new PermissionDeniedException(d, e);
    private static readonly ExceptionFactory Unavailable = (d, e) => new DaemonUnavailableException(d, e);
    private static readonly ExceptionFactory Fault = (d, e) => new DaemonFaultException(d, e);

    public static readonly FrozenDictionary<string, ErrorRow> Rows = new ErrorRow[]
    {
        new("INVALID_REQUEST", typeof(InvalidRequestException), false, Invalid),
        new(PayloadTooLarge, typeof(InvalidRequestException), false, Invalid),
        new("PROTOCOL_UNSUPPORTED", typeof(InvalidRequestException), false, Invalid),
        new("TASK_NOT_FOUND", typeof(TaskNotFoundException), false, (d, e) => new TaskNotFoundException(d, e)),
        new("QUEUE_NOT_FOUND", typeof(QueueNotFoundException), false, (d, e) => new QueueNotFoundException(d, e)),
        new("POOL_NOT_FOUND", typeof(PoolNotFoundException), false, (d, e) => new PoolNotFoundException(d, e)),
        new("WORKER_NOT_FOUND", typeof(WorkerNotFoundException), false, (d, e) => new WorkerNotFoundException(d, e)),
        new("IDEMPOTENCY_CONFLICT", typeof(ConflictException), false, Conflict),
        new("POOL_EXISTS", typeof(ConflictException), false, Conflict),
        new("WORKER_CONNECTED", typeof(ConflictException), false, Conflict),
        new("QUEUE_FULL", typeof(CapacityExceededException), true, Capacity),
        new("STORE_FULL", typeof(CapacityExceededException), true, Capacity),
        new("LIMIT_REACHED", typeof(CapacityExceededException), true, Capacity),
        new("DAEMON_BUSY", typeof(CapacityExceededException), true, Capacity),
        new("BACKUP_FAILED", typeof(PreconditionFailedException), false, Precondition),
        new("TASK_FINISHED", typeof(PreconditionFailedException), false, Precondition),
        new("TASK_NOT_FINISHED", typeof(PreconditionFailedException), false, Precondition),
        new("ATTEMPT_STALE", typeof(PreconditionFailedException), false, Precondition),
        new("QUEUE_DRAINING", typeof(PreconditionFailedException), false, Precondition),
        new("QUEUE_NOT_EMPTY", typeof(PreconditionFailedException), false, Precondition),
        new("QUEUE_IN_USE", typeof(PreconditionFailedException), false, Precondition),
        new("DAEMON_DRAINING", typeof(DaemonUnavailableException), true, Unavailable),
        new("WORKER_DISCONNECTED", typeof(DaemonUnavailableException), true, Unavailable),
        new("UNAUTHENTICATED_WORKER", typeof(PermissionDeniedException), false, Denied),
        new("EXEC_DENIED", typeof(PermissionDeniedException), false, Denied),
        new("SESSION_NOT_FOUND", typeof(SessionLostException), false, (d, e) => new SessionLostException(d, e)),
        new("STATE_NOT_FOUND", typeof(StateNotFoundException), false, (d, e) => new StateNotFoundException(d, e)),
        new("PIPE_NOT_FOUND", typeof(PipeNotFoundException), false, (d, e) => new PipeNotFoundException(d, e)),
        new(
            "SEGMENT_NOT_FOUND", typeof(SegmentNotFoundException), false, (d, e) => new SegmentNotFoundException(d, e)),
        new("WRONG_KIND", typeof(PreconditionFailedException), false, Precondition),
        new("STATE_CONFLICT", typeof(ConflictException), false, Conflict),
        new("SEGMENT_EXISTS", typeof(ConflictException), false, Conflict),
        new("PIPE_END_TAKEN", typeof(PreconditionFailedException), false, Precondition),
        new("PIPE_CLOSED", typeof(PipeClosedException), false, (d, e) => new PipeClosedException(d, e)),
        new("NOT_HELD", typeof(PreconditionFailedException), false, Precondition),
        new("GRANT_STALE", typeof(GrantLostException), false, (d, e) => new GrantLostException(d, e)),
        new("PERMITS_EXCEEDED", typeof(PreconditionFailedException), false, Precondition),
        new("BARRIER_BROKEN", typeof(BarrierBrokenException), false, (d, e) => new BarrierBrokenException(d, e)),
        new("STATE_IN_USE", typeof(PreconditionFailedException), false, Precondition),
        new("WAIT_CANCELLED", typeof(WaitCancelledException), false, (d, e) => new WaitCancelledException(d, e)),
        new("MEMORY_FULL", typeof(CapacityExceededException), true, Capacity),
        new("INTERNAL", typeof(DaemonFaultException), false, Fault),

        // Made here, not sent by the daemon.
        new(Unreachable, typeof(DaemonUnavailableException), true, Unavailable),
        new(ConnectionLost, typeof(DaemonUnavailableException), true, Unavailable),
        new(DeadlineExceeded, typeof(DaemonUnavailableException), true, Unavailable),
        new(SessionLost, typeof(SessionLostException), false, (d, e) => new SessionLostException(d, e)),
        new(
            ResultUnreadable,
            typeof(UnreadableResultException),
            false,
            (d, e) => new UnreadableResultException(d, e)),
        new(
            MessageUnreadable,
            typeof(UnreadableMessageException),
            false,
            (d, e) => new UnreadableMessageException(d, e)),
    }.ToFrozenDictionary(row => row.Reason, StringComparer.Ordinal);

    public const string PayloadTooLarge = "PAYLOAD_TOO_LARGE";
    public const string Unreachable = "DAEMON_UNREACHABLE";
    public const string ConnectionLost = "CONNECTION_LOST";
    public const string DeadlineExceeded = "DEADLINE_EXCEEDED";
    public const string ResultUnreadable = "RESULT_UNREADABLE";
    public const string MessageUnreadable = "MESSAGE_UNREADABLE";
    public const string SessionLost = "SESSION_LOST";

    /// <summary>Reasons that the daemon never sends.</summary>
    public static readonly FrozenSet<string> MadeHere =
        FrozenSet.Create(
            StringComparer.Ordinal, Unreachable, ConnectionLost, DeadlineExceeded, ResultUnreadable, MessageUnreadable,
            SessionLost);

    /// <summary>For a result in shared memory that was read too long after its connection had ended.</summary>
    public static QueuedException Overwritten(ulong task) => Make(
        new ErrorDetails(
            ConnectionLost,
            $"The connection was lost while the result of task {task} was read in shared memory, and what was read may "
            + "be another task's. Read within five seconds, or take a copy of the result."));

    /// <summary>The exception for a call that failed.</summary>
    public static QueuedException FromRpc(RpcException exception, string address)
    {
        var status = exception.GetRpcStatus();
        if (status is not null && status.GetDetail<ErrorInfo>() is not null)
            return FromStatus(status, exception);
        return exception.StatusCode switch
        {
            StatusCode.DeadlineExceeded => Make(
                new ErrorDetails(DeadlineExceeded, $"The daemon at {address} did not answer in time."), exception),
            StatusCode.Unavailable when !IsBroken(exception.Status.DebugException) => Make(
                new ErrorDetails(Unreachable, $"The daemon at {address} cannot be reached: {Why(exception)}."),
                exception),
            StatusCode.Cancelled => Make(
                new ErrorDetails(ConnectionLost, $"The connection to the daemon at {address} was closed."), exception),

            // The transport broke in the middle of a call: HTTP/2 knows many ways, and gRPC calls them internal.
            _ when exception.Status.DebugException is IOException or HttpRequestException => Make(
                new ErrorDetails(
                    ConnectionLost,
                    $"The connection to the daemon at {address} broke in the middle of a call: {Why(exception)}."),
                exception),
            _ => new DaemonFaultException(
                new ErrorDetails(
                    "INTERNAL", $"The daemon at {address} answered {exception.StatusCode}: {exception.Status.Detail}"),
                exception),
        };
    }

    /// <summary>The exception for a part of a call that was refused.</summary>
    public static QueuedException FromStatus(RpcStatus status, Exception? innerException = null)
    {
        var info = status.GetDetail<ErrorInfo>();
        var field = status.GetDetail<BadRequest>()?.FieldViolations.FirstOrDefault()?.Field;
        if (string.IsNullOrEmpty(field))
            field = Metadata(info, "field");
        return Make(
            new ErrorDetails(info?.Reason ?? "INTERNAL", status.Message)
            {
                Field = field,
                Resource = Metadata(info, "resource"),
                RetryAfter = status.GetDetail<RetryInfo>()?.RetryDelay?.ToTimeSpan(),
            },
            innerException);
    }

    public static QueuedException Make(ErrorDetails details, Exception? innerException = null) =>
        Rows.TryGetValue(details.Reason, out var row)
            ? row.Make(details with { IsTransient = row.IsTransient }, innerException)
            : new DaemonFaultException(details, innerException);

    /// <summary>Whether there was a connection: a stream that failed, and no socket that could not be opened.</summary>
    private static bool IsBroken(Exception? cause) => Find<SocketException>(cause) is { } socket
        ? socket.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown
        : Find<IOException>(cause) is not null;

    private static T? Find<T>(Exception? cause)
        where T : Exception
    {
        while (cause is not null and not T)
            cause = cause.InnerException;
        return (T?)cause;
    }

    /// <summary>
    /// The innermost error in words that fit: the message of the call speaks of what lies between.
    /// </summary>
    private static string Why(RpcException exception)
    {
        var cause = exception.Status.DebugException;
        if (Find<SocketException>(cause) is not { } socket)
            return (cause is null ? exception.Status.Detail : cause.GetBaseException().Message).TrimEnd('.');
        return socket.SocketErrorCode switch
        {
            // What a path without a file gives.
            SocketError.AddressNotAvailable => "there is no socket",
            SocketError.ConnectionRefused => "nobody listens there",
            SocketError.AccessDenied => "this user may not connect",
            _ => socket.Message.TrimEnd('.'),
        };
    }

    private static string? Metadata(ErrorInfo? info, string key) =>
        info is not null && info.Metadata.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
}

internal sealed record ErrorRow(
    string Reason, Type Exception, bool IsTransient, ExceptionFactory Make);

internal delegate QueuedException ExceptionFactory(ErrorDetails details, Exception? innerException);
