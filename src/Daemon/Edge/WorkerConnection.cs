using Queued.Broker;
using Queued.Daemon.Loop;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>A worker's stream as the loop sees it: what is said to the worker waits in its outbox.</summary>
internal sealed class WorkerConnection : IWorkerLink, ITaskListener, IOutboxFormat<Wire.WorkResponse>
{
    private readonly CallEnd _end;

    /// <summary>The latest in the message that is being made.</summary>
    private Assignment? _previous;

    public WorkerConnection(CallEnd end)
    {
        _end = end;
        Outbox = new Outbox<Wire.WorkResponse>(this);
    }

    public void Welcome(
        Response.Welcomed welcomed, SessionId session, string sessionName, BrokerLoopOptions options)
    {
        Session = session;
        Worker = welcomed.Worker;
        Slots = welcomed.Slots;
        Outbox.Add(
            new Wire.Welcome
            {
                WorkerId = welcomed.Worker.ToString(),
                HeartbeatInterval = ProtoMapping.ToWire(welcomed.HeartbeatInterval),
                Slots = (uint)welcomed.Slots,
                CreditsMax = (uint)welcomed.CreditsMax,
                PayloadBytesMax = (ulong)options.Limits.PayloadBytesMax,
                SessionId = sessionName,
                SegmentDirectory = _end.IsLocal ? options.Segments.Directory : "",
            },
            bytes: 0);
    }

    /// <summary>Owns the segments that its results are in.</summary>
    public SessionId Session { get; private set; }

    public WorkerId Worker { get; private set; }

    public int Slots { get; private set; }

    public Outbox<Wire.WorkResponse> Outbox { get; }

    public void Assign(Assignment assignment) =>
        Outbox.Add(assignment, assignment.Payload.Data.Length);

    public void Cancel(AttemptId attempt, CancelReason reason, TimeSpan grace) =>
        Outbox.Add(ProtoMapping.ToWire(attempt, reason, grace), bytes: 0);

    public void Refuse(AttemptId attempt, Rejection rejection) =>
        Outbox.Add(ProtoMapping.ToWire(attempt, rejection), rejection.Message.Length);

    public void Drain(DrainReason reason) =>
        Outbox.Add(new Wire.WorkResponse { Drain = ProtoMapping.ToWire(reason) }, bytes: 0);

    public void Disconnect(string reason) => _end.Fail(RpcErrors.Create(RpcErrors.WorkerDisconnected, reason));

    public void Finished(Effect.TaskFinished finished) =>
        throw new InvalidOperationException("A worker's session has no tasks.");

    public void SegmentFree(SegmentId segment) =>
        Outbox.Add(new Wire.WorkResponse { FreeSegmentIds = { segment.Value } }, bytes: 0);

    public Wire.WorkResponse Create()
    {
        _previous = null;
        return new Wire.WorkResponse();
    }

    public void Append(Wire.WorkResponse message, object entry)
    {
        switch (entry)
        {
            case Assignment assignment:
                if (!ProtoMapping.TryAdd(message.Assignments, assignment, _previous))
                    message.Assignments.Add(ProtoMapping.ToWire(assignment));
                _previous = assignment;
                break;
            case Wire.CancelAttempt cancel:
                message.Cancels.Add(cancel);
                break;
            case Wire.AttemptError error:
                message.Errors.Add(error);
                break;
            case Wire.WorkResponse { Drain: not Wire.DrainReason.Unspecified and var reason }:
                message.Drain = reason;
                break;
            case Wire.WorkResponse { FreeSegmentIds.Count: > 0 } free:
                message.FreeSegmentIds.Add(free.FreeSegmentIds);
                break;
            case Wire.Welcome welcome:
                message.Welcome = welcome;
                break;
            default:
                throw new InvalidOperationException($"{entry.GetType().Name} has no place on a worker's stream.");
        }
    }

    /// <summary>Nothing sent to a worker holds a credit of the daemon's.</summary>
    public void Seal(Wire.WorkResponse message, int credits)
    {
        foreach (var batch in message.Assignments) batch.Payloads?.Seal();
    }
}
