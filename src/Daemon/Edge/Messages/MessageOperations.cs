using Queued.Broker;
using Queued.Protocol.V1;
using Command = Queued.Broker.Command;
using Durability = Queued.Broker.Durability;
using MessageSettlement = Queued.Broker.MessageSettlement;

namespace Queued.Daemon.Edge;

/// <summary>What is done with queues of messages.</summary>
internal static class MessageOperations
{
    public static readonly Operation<UseQueueRequest, UseQueueResponse> Use = new(
        static (request, scope) =>
        {
            var check = new FieldCheck("");
            var settings = ProtoMapping.ToSettings(
                request.Policy, scope.Options.HasStore, Durability.Memory, ref check);
            check.ThrowIfBad();
            var session = request.Ephemeral ? scope.LastingSession("the use of an ephemeral queue") : scope.Session;
            return new Command.UseQueue(scope.Request, session, request.Queue, settings, request.Ephemeral);
        },
        static response =>
        {
            var used = (Response.QueueUsed)response;
            return new UseQueueResponse { Queue = ProtoMapping.ToWire(used.Queue), Created = used.IsCreated };
        })
    {
        Locate = static rejection => rejection.Field is "queue" or "session_id"
            ? rejection
            : FieldPath.Called("name", "queue", FieldPath.InQueue(rejection)),
    };

    public static readonly Operation<LeaveQueueRequest, LeaveQueueResponse> Leave = new(
        static (request, scope) => new Command.LeaveQueue(
            scope.Request, scope.LastingSession("the use of a queue"), request.Queue),
        static _ => new LeaveQueueResponse());

    public static readonly Operation<PutMessagesRequest, PutMessagesResponse> Put = new(
        static (request, scope) => new Command.PutMessages(
            scope.Request, scope.Session, request.Queue, ProtoMapping.ToMessages(request),
            scope.Wait(request.Wait)),
        static response =>
        {
            var put = (Response.MessagesPut)response;
            var result = new PutMessagesResponse
            {
                Error = put.Refusal is { } refusal ? RpcErrors.ToStatus(refusal) : null,
            };
            result.MessageIds.Capacity = put.Ids.Length;
            foreach (var id in put.Ids.Span) result.MessageIds.Add(id.Value);
            return result;
        })
    {
        AboutBytes = static result => result.MessageIds.Count * sizeof(ulong),
    };

    private static readonly Operation<GetMessagesRequest, GetMessagesResponse> Get = new(
        static (request, scope) =>
        {
            var check = new FieldCheck("");
            var lease = check.Duration(request.Lease, "lease");
            check.ThrowIfBad();
            var session = request.AutoAck ? scope.Session : scope.LastingSession("a lease of messages");
            return new Command.GetMessages(
                scope.Request, session, request.Queue, FieldCheck.Int(request.MessagesMax), scope.Wait(request.Wait),
                request.AutoAck, lease);
        },
        static response =>
        {
            var given = (Response.MessagesGiven)response;
            var result = new GetMessagesResponse();
            result.Messages.Capacity = given.Messages.Count;
            foreach (var message in given.Messages) result.Messages.Add(ProtoMapping.ToWire(message));
            return result;
        })
    {
        // What needed no acknowledgement is gone; the core knows of no lease of it.
        Undo = static (response, session) => response is Response.MessagesGiven { Messages.Count: > 0 } given
            ? new Command.SettleMessages(
                default, session,
                [.. given.Messages.Select(message =>
                    new MessageSettlement.Released(new AttemptId(message.Id, message.Delivery)))])
            : null,
    };

    /// <summary>The same, for who needs no more than the payloads.</summary>
    private static readonly Operation<GetMessagesRequest, GetMessagesResponse> GetBrief = Get with
    {
        ToResult = static response => ProtoMapping.ToBrief(((Response.MessagesGiven)response).Messages),
        AboutBytes = static result => ProtoMapping.AboutBytes(result.Payloads),
    };

    public static readonly Operation<SettleMessagesRequest, SettleMessagesResponse> Settle = new(
        static (request, scope) => new Command.SettleMessages(
            scope.Request, scope.LastingSession("a lease of messages"), ProtoMapping.ToSettlements(request)),
        static response =>
        {
            var settled = (Response.MessagesSettled)response;
            var result = new SettleMessagesResponse();
            foreach (var (delivery, rejection) in settled.Refused)
            {
                result.Errors.Add(new SettlementError
                {
                    MessageId = delivery.Task.Value,
                    Delivery = delivery.Attempt,
                    Error = RpcErrors.ToStatus(rejection),
                });
            }

            return result;
        });

    public static readonly Operation<PeekMessagesRequest, PeekMessagesResponse> Peek = new(
        static (request, scope) => new Command.PeekMessages(
            scope.Request, request.Queue, FieldCheck.Int(request.MessagesMax),
            request.Labels.Count == 0
                ? null
                : new Dictionary<string, string>(request.Labels, StringComparer.Ordinal)),
        static response =>
        {
            var shown = (Response.MessagesShown)response;
            var result = new PeekMessagesResponse();
            foreach (var message in shown.Messages) result.Messages.Add(ProtoMapping.ToWire(message));
            return result;
        });

    public static readonly Operation<JoinQueueRequest, JoinQueueResponse> Join = new(
        static (request, scope) => new Command.JoinQueue(
            scope.Request, scope.Session, request.Queue, scope.Wait(request.Wait)),
        static response => new JoinQueueResponse
        {
            UnfinishedCount = (ulong)((Response.QueueJoined)response).Unfinished,
        });

    public static Operation<GetMessagesRequest, GetMessagesResponse> ForGet(GetMessagesRequest request) =>
        request.Brief ? GetBrief : Get;
}
