using Google.Protobuf.WellKnownTypes;
using Queued.Broker;
using Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>Shared objects, and what can be held of them. What is in them is in StateOperations.Contents.cs.</summary>
internal static partial class StateOperations
{
    private const string Holding = "what is held";

    public static readonly Operation<UseStateRequest, UseStateResponse> Use = new(
        (request, scope) =>
        {
            var check = new FieldCheck("");
            var settings = ProtoMapping.ToSettings(request.Spec, ref check);
            check.ThrowIfBad();
            var session = request.Keep ? scope.Session : scope.LastingSession("an object that is not kept");
            return new Command.UseState(scope.Request, session, request.Name, settings, request.Keep);
        },
        response => new UseStateResponse { Created = ((Response.StateUsed)response).Created })
    {
        Locate = rejection => rejection.Field is null or "name" or "session_id"
            ? rejection
            : FieldPath.Under("spec.", rejection),
    };

    public static readonly Operation<LeaveStateRequest, LeaveStateResponse> Leave = new(
        (request, scope) => new Command.LeaveState(
            scope.Request, scope.LastingSession("the use of an object"), request.Name),
        _ => new LeaveStateResponse());

    public static readonly Operation<AcquireRequest, AcquireResponse> Acquire = new(
        (request, scope) =>
        {
            var check = new FieldCheck("");
            var lease = check.Duration(request.Lease, "lease");
            check.ThrowIfBad();
            return new Command.Acquire(
                scope.Request, scope.LastingSession(Holding), request.Name, Wait(request.Wait, scope), lease,
                request.Owner, request.Consume);
        },
        response => response is Response.Acquired acquired
            ? new AcquireResponse { Acquired = acquired.IsAcquired, FencingToken = acquired.Token }
            : throw Unexpected(response))
    {
        Undo = (late, session) => late is Response.Acquired { IsAcquired: true } acquired
            ? new Command.Release(default, session, acquired.Name, acquired.Token, acquired.Token == 0 ? 1 : 0)
            : null,
    };

    public static readonly Operation<ReleaseRequest, ReleaseResponse> Release = new(
        (request, scope) => new Command.Release(
            scope.Request, scope.LastingSession(Holding), request.Name, request.FencingToken,
            FieldCheck.Int(request.AddPermits)),
        _ => new ReleaseResponse());

    public static readonly Operation<ExtendGrantRequest, ExtendGrantResponse> Extend = new(
        (request, scope) =>
        {
            var check = new FieldCheck("");
            var lease = check.Duration(request.Lease, "lease");
            check.ThrowIfBad();
            return new Command.ExtendGrant(
                scope.Request, scope.LastingSession(Holding), request.Name, request.FencingToken, lease);
        },
        _ => new ExtendGrantResponse());

    public static readonly Operation<SetEventRequest, SetEventResponse> SetEvent = new(
        (request, scope) => new Command.SetEvent(scope.Request, scope.Session, request.Name, request.Clear),
        _ => new SetEventResponse());

    public static readonly Operation<WaitEventRequest, WaitEventResponse> WaitEvent = new(
        (request, scope) => new Command.WaitEvent(
            scope.Request, scope.Session, request.Name, Wait(request.Wait, scope)),
        response => new WaitEventResponse { Set = ((Response.EventWaited)response).IsSet });

    public static readonly Operation<WaitBarrierRequest, WaitBarrierResponse> WaitBarrier = new(
        (request, scope) => new Command.WaitBarrier(
            scope.Request, scope.Session, request.Name, Wait(request.Wait, scope)),
        response => new WaitBarrierResponse { Place = (uint)((Response.BarrierPassed)response).Place });

    public static readonly Operation<ResetBarrierRequest, ResetBarrierResponse> ResetBarrier = new(
        (request, scope) => new Command.ResetBarrier(scope.Request, scope.Session, request.Name, request.Abort),
        _ => new ResetBarrierResponse());

    public static readonly Operation<WaitConditionRequest, WaitConditionResponse> WaitCondition = new(
        (request, scope) => new Command.WaitCondition(
            scope.Request, scope.LastingSession(Holding), request.Name, Wait(request.Wait, scope),
            request.FencingToken),
        response => response is Response.ConditionWaited waited
            ? new WaitConditionResponse { Notified = waited.IsNotified, FencingToken = waited.Token }
            : throw Unexpected(response));

    public static readonly Operation<NotifyConditionRequest, NotifyConditionResponse> NotifyCondition = new(
        (request, scope) => new Command.NotifyCondition(
            scope.Request, scope.LastingSession(Holding), request.Name, FieldCheck.Int(request.Count)),
        response => new NotifyConditionResponse { NotifiedCount = (uint)((Response.Notified)response).Count });

    /// <summary>
    /// Unset is without end: who waits again after a while would have lost its place, or what it was to hear meanwhile.
    /// </summary>
    private static TimeSpan Wait(Duration? wait, OperationScope scope) =>
        wait is null ? TimeSpan.MaxValue : scope.Wait(wait);

    private static InvalidOperationException Unexpected(Response response) =>
        new($"The broker answered {response.GetType().Name} to an operation on shared state.");
}
