using Google.Protobuf;
using Queued.Broker;
using Queued.Daemon.Loop;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>A worker's stream as the loop sees it: what is said to the worker waits in its outbox.</summary>
internal sealed class WorkerConnection : IWorkerLink, IOutboxFormat<Wire.WorkResponse>
{
    private readonly CallEnd _end;

    public WorkerConnection(Response.Welcomed welcomed, int payloadBytesMax, CallEnd end)
    {
        _end = end;
        Worker = welcomed.Worker;
        Slots = welcomed.Slots;
        Outbox = new Outbox<Wire.WorkResponse>(this);
        Outbox.Add(
            new Wire.Welcome
            {
                WorkerId = welcomed.Worker.ToString(),
                HeartbeatInterval = ProtoMapping.ToWire(welcomed.HeartbeatInterval),
                Slots = (uint)welcomed.Slots,
                CreditsMax = (uint)welcomed.CreditsMax,
                PayloadBytesMax = (ulong)payloadBytesMax,
            },
            bytes: 0);
    }

    public WorkerId Worker { get; }

    public int Slots { get; }

    public Outbox<Wire.WorkResponse> Outbox { get; }

    public void Assign(Assignment assignment) =>
        Outbox.Add(ProtoMapping.ToWire(assignment), assignment.Payload.Data.Length);

    public void Cancel(AttemptId attempt, CancelReason reason, TimeSpan grace) =>
        Outbox.Add(ProtoMapping.ToWire(attempt, reason, grace), bytes: 0);

    public void Refuse(AttemptId attempt, Rejection rejection) =>
        Outbox.Add(ProtoMapping.ToWire(attempt, rejection), rejection.Message.Length);

    public void Drain(DrainReason reason) =>
        Outbox.Add(new Wire.WorkResponse { Drain = ProtoMapping.ToWire(reason) }, bytes: 0);

    public void Disconnect(string reason) => _end.Fail(RpcErrors.Create(RpcErrors.WorkerDisconnected, reason));

    public Wire.WorkResponse Create() => new();

    public void Append(Wire.WorkResponse message, IMessage entry)
    {
        switch (entry)
        {
            case Wire.Assignment assignment:
                message.Assignments.Add(assignment);
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
            case Wire.Welcome welcome:
                message.Welcome = welcome;
                break;
            default:
                throw new InvalidOperationException($"{entry.Descriptor.Name} has no place on a worker's stream.");
        }
    }

    public void Seal(Wire.WorkResponse message, int entries)
    {
        // Nothing sent to a worker holds a credit of the daemon's.
    }
}
