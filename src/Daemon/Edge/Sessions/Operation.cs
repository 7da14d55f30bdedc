using Google.Protobuf.WellKnownTypes;
using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Edge;

/// <summary>
/// One kind of operation: how its request becomes a command of the core, and the core's answer its result. Unary calls
/// and sessions use the same ones.
/// </summary>
/// <param name="ToCommand">Throws the call's status where a field cannot be read.</param>
/// <param name="ToResult">Never sees a rejection.</param>
internal sealed record Operation<TRequest, TResult>(
    Func<TRequest, OperationScope, Command> ToCommand, Func<Response, TResult> ToResult)
{
    /// <summary>
    /// Takes back what was given to a call that had ended by then. Null: nothing has to be.
    /// </summary>
    public Func<Response, SessionId, Command?>? Undo { get; init; }

    /// <summary>About how many bytes a result has, where that is quick to say. Null: they are counted.</summary>
    public Func<TResult, int>? AboutBytes { get; init; }

    /// <summary>
    /// The end of a pipe that it is done to, for those who want no answer but must know where it failed. Null: it is
    /// done to none.
    /// </summary>
    public Func<TRequest, ulong>? PipeEndOf { get; init; }

    /// <summary>Finds the field of a rejection in the request. Null: it has the same path there.</summary>
    public Func<Rejection, Rejection>? Locate { get; init; }
}

/// <summary>For whom an operation is carried out.</summary>
/// <param name="Request">Pairs the command with its reply.</param>
/// <param name="Session">Holds what the operation takes.</param>
/// <param name="IsLasting">The session lasts longer than the call.</param>
/// <param name="IsOnStream">It came on the session's own stream.</param>
/// <param name="Options">Limits of the edge.</param>
internal readonly record struct OperationScope(
    RequestId Request, SessionId Session, bool IsLasting, bool IsOnStream, BrokerLoopOptions Options)
{
    /// <summary>How long the operation may wait, from nothing to the limit.</summary>
    public TimeSpan Wait(Duration? wait) => WaitLimit.Read(wait, mayBeZero: true, Options);

    /// <summary>The same, but with no limit where a session asks for none: it ends the wait when it ends.</summary>
    public TimeSpan WaitInSession(Duration? wait) => IsOnStream && wait is null ? TimeSpan.MaxValue : Wait(wait);

    /// <summary>For operations whose holding outlasts the call, which only a session that was opened can.</summary>
    public SessionId LastingSession(string what) => IsLasting
        ? Session
        : throw RpcErrors.InvalidCall(
            "session_id", $"session_id is empty, and {what} belongs to a session. Open one and name it.");
}
