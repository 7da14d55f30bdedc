using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Queues of messages, by unary calls and on a session.</summary>
public sealed class MessageTests : IAsyncLifetime
{
    private const string Queue = "letters";

    private BrokerHost _host = null!;

    private MessageService.MessageServiceClient Messages => new(_host.Open());

    public async Task InitializeAsync()
    {
        _host = await BrokerHost.StartAsync();
        await Messages.UseQueueAsync(new UseQueueRequest { Queue = Queue });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_simple_client_puts_and_gets_by_calls()
    {
        var put = await Messages.PutMessagesAsync(Put("a", "b"));
        var given = await Messages.GetMessagesAsync(Get(max: 5));

        Assert.Equal(put.MessageIds, given.Messages.Select(message => message.MessageId));
        Assert.Equal(["a", "b"], Texts(given));
        Assert.All(given.Messages, message => Assert.Equal(1U, message.Delivery));
        Assert.Empty((await Messages.GetMessagesAsync(Get())).Messages);
    }

    [Fact]
    public async Task Payloads_alone_are_put_given_and_acknowledged_in_brief()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var brief = new PutMessagesRequest { Queue = Queue, Wait = new Duration() };
        brief.Payloads.Add(new Payload { Data = Bytes("a"), ContentType = "text/plain" });
        brief.Payloads.Add(new Payload { Data = Bytes("b") });
        var put = await Messages.PutMessagesAsync(brief);
        var get = Get(max: 5, autoAck: false);
        get.Brief = true;
        var given = (await session.AskAsync(new SessionOperation { Tag = 1, GetMessages = get })).GetMessages;

        Assert.Empty(given.Messages);
        Assert.Equal(put.MessageIds, given.MessageIds);
        Assert.Equal([1U, 1U], given.Deliveries);
        Assert.Equal(
            [("a", "text/plain"), ("b", "")],
            given.Payloads.Select(payload => (payload.Data.ToStringUtf8(), payload.ContentType)));
        var settle = new SettleMessagesRequest { SessionId = session.Id };
        settle.AckedMessageIds.Add([given.MessageIds[0], given.MessageIds[1]]);
        settle.AckedDeliveries.Add([1U, 7U]);
        var refused = Assert.Single((await Messages.SettleMessagesAsync(settle)).Errors);
        Assert.Equal((given.MessageIds[1], 7U), (refused.MessageId, refused.Delivery));
        RpcAssert.Refused(refused.Error, "GRANT_STALE");
    }

    [Fact]
    public async Task A_lease_belongs_to_the_named_session_and_ends_with_it()
    {
        await Messages.PutMessagesAsync(Put("a", "b"));
        await using (var session = await TestSession.OpenAsync(_host))
        {
            var lease = Get(max: 2, autoAck: false);
            lease.SessionId = session.Id;
            lease.Lease = Duration.FromTimeSpan(TimeSpan.FromMinutes(5));
            var given = await Messages.GetMessagesAsync(lease);
            Assert.All(given.Messages, message => Assert.NotNull(message.LeaseUntil));
            var settle = new SettleMessagesRequest { SessionId = session.Id, Settlements = { Ack(given.Messages[0]) } };
            Assert.Empty((await Messages.SettleMessagesAsync(settle)).Errors);
            var stale = Assert.Single((await Messages.SettleMessagesAsync(settle)).Errors);
            Assert.Equal((given.Messages[0].MessageId, 1U), (stale.MessageId, stale.Delivery));
            RpcAssert.Refused(stale.Error, "GRANT_STALE");
            await session.CloseAsync();
        }

        var again = await Messages.GetMessagesAsync(Get(max: 2, wait: TimeSpan.FromSeconds(30)));
        Assert.Equal(["b"], Texts(again));
        Assert.Equal(2U, again.Messages[0].Delivery);
    }

    [Fact]
    public async Task On_a_session_a_get_that_waits_holds_nothing_up_and_gets_what_is_put_next()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await session.SendAsync(
            new SessionOperation { Tag = 1, GetMessages = Get(wait: TimeSpan.FromSeconds(30), autoAck: false) },
            new SessionOperation { Tag = 2, PutMessages = Put("a") });
        var (first, second) = (await session.ResultAsync(), await session.ResultAsync());

        Assert.Equal((2UL, 1UL), (first.Tag, second.Tag));
        var message = Assert.Single(second.GetMessages.Messages);
        Assert.Equal(first.PutMessages.MessageIds.Single(), message.MessageId);
        var settle = new SettleMessagesRequest { Settlements = { Ack(message) } };
        var settled = await session.AskAsync(new SessionOperation { Tag = 3, SettleMessages = settle });
        Assert.Empty(settled.SettleMessages.Errors);
    }

    [Fact]
    public async Task Every_operation_has_its_answer_on_a_session()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var use = new UseQueueRequest { Queue = "scratch", Ephemeral = true };
        var used = await session.AskAsync(new SessionOperation { Tag = 1, UseQueue = use });
        Assert.True(used.UseQueue.Created);
        Assert.True(used.UseQueue.Queue is { Ephemeral: true, Policy.Kind: QueueKind.Messages });
        Assert.Equal(Durability.Memory, used.UseQueue.Queue.Policy.Durability);

        var put = Put("a", "b");
        put.Queue = "scratch";
        put.Messages[1].Labels["to"] = "ann";
        await session.AskAsync(new SessionOperation { Tag = 2, PutMessages = put });
        var peek = new PeekMessagesRequest { Queue = "scratch", MessagesMax = 5, Labels = { ["to"] = "ann" } };
        var shown = await session.AskAsync(new SessionOperation { Tag = 3, PeekMessages = peek });
        var message = Assert.Single(shown.PeekMessages.Messages);
        Assert.Equal(("b", 0U, "ann"), (Text(message), message.Delivery, message.Labels["to"]));

        var join = new JoinQueueRequest { Queue = "scratch", Wait = new Duration() };
        var joined = await session.AskAsync(new SessionOperation { Tag = 4, JoinQueue = join });
        Assert.Equal(2UL, joined.JoinQueue.UnfinishedCount);

        var leave = new LeaveQueueRequest { Queue = "scratch" };
        var left = await session.AskAsync(new SessionOperation { Tag = 5, LeaveQueue = leave });
        Assert.NotNull(left.LeaveQueue);
        await IsGoneAsync();
        await session.AskAsync(new SessionOperation { Tag = 6, UseQueue = use });
        await session.CloseAsync();
        await IsGoneAsync();

        Task IsGoneAsync() => RpcAssert.FailsAsync(
            async () => await _host.Queues.GetQueueAsync(new GetQueueRequest { Name = "scratch" }),
            StatusCode.NotFound, "QUEUE_NOT_FOUND");
    }

    [Fact]
    public async Task A_full_queue_takes_the_first_ones_and_says_why_not_the_others()
    {
        var policy = new QueuePolicy { Kind = QueueKind.Messages, TasksMax = 2, Durability = Durability.Memory };
        await _host.Queues.DeclareQueueAsync(new DeclareQueueRequest { Name = Queue, Policy = policy });
        var put = await Messages.PutMessagesAsync(Put("a", "b", "c"));

        Assert.Equal(2, put.MessageIds.Count);
        RpcAssert.Refused(put.Error, "QUEUE_FULL", "queue");
        await RpcAssert.FailsAsync(
            async () => await Messages.PutMessagesAsync(Put("d")), StatusCode.ResourceExhausted, "QUEUE_FULL", "queue");
    }

    [Fact]
    public async Task A_wait_that_is_called_off_leaves_the_message_to_the_next()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await session.SendAsync(
            new SessionOperation { Tag = 1, GetMessages = Get(wait: TimeSpan.FromHours(1)) },
            new SessionOperation { Tag = 2, GetMessages = Get(wait: TimeSpan.FromHours(1)) });
        await session.CancelAsync(1);
        RpcAssert.Refused((await session.ResultAsync()).Error, "WAIT_CANCELLED");
        await Messages.PutMessagesAsync(Put("a"));
        var given = await session.ResultAsync();

        Assert.Equal((2UL, "a"), (given.Tag, Text(given.GetMessages.Messages.Single())));
    }

    [Fact]
    public async Task The_end_of_a_call_ends_its_wait()
    {
        using var cancellation = new CancellationTokenSource();
        var waiting = Messages.GetMessagesAsync(
            Get(wait: TimeSpan.FromHours(1)), cancellationToken: cancellation.Token);
        await WaitingAsync(1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(async () => await waiting);
        await WaitingAsync(0);
        await Messages.PutMessagesAsync(Put("a"));

        Assert.Equal(["a"], Texts(await Messages.GetMessagesAsync(Get())));
    }

    [Fact]
    public async Task Nack_bury_extend_and_release_reach_the_core()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await Messages.PutMessagesAsync(Put("a", "b", "c", "d"));
        var given = await session.AskAsync(
            new SessionOperation { Tag = 1, GetMessages = Get(max: 4, autoAck: false) });
        var settle = new SettleMessagesRequest();
        foreach (var message in given.GetMessages.Messages)
        {
            var one = new MessageSettlement { MessageId = message.MessageId, Delivery = message.Delivery };
            switch (Text(message))
            {
                case "a": one.Nack = new NackMessage(); break;
                case "b": one.Nack = new NackMessage { Bury = true, Reason = "wrong address" }; break;
                case "c": one.Extend = new ExtendMessage { Lease = Duration.FromTimeSpan(TimeSpan.FromDays(1)) }; break;
                default: one.Release = new ReleaseMessage(); break;
            }

            settle.Settlements.Add(one);
        }

        var settled = await session.AskAsync(new SessionOperation { Tag = 2, SettleMessages = settle });
        Assert.Empty(settled.SettleMessages.Errors);
        var queue = (await _host.Queues.GetQueueAsync(new GetQueueRequest { Name = Queue })).Queue;
        Assert.Equal((2UL, 1UL, 1UL), (queue.QueuedCount, queue.RunningCount, queue.DeadCount));
        var dead = await _host.Queues.ListDeadAsync(new ListDeadRequest { Queue = Queue });
        Assert.Equal("wrong address", dead.Tasks.Single().Failure.Message);
    }

    public static TheoryData<string, string, string> BadRequests() => new()
    {
        { "put: no messages", "INVALID_REQUEST", "messages" },
        { "put: priority", "INVALID_REQUEST", "messages[1].priority" },
        { "put: delay", "INVALID_REQUEST", "messages[0].delay" },
        { "put: wait", "INVALID_REQUEST", "wait" },
        { "put: both", "INVALID_REQUEST", "payloads" },
        { "put: large", "PAYLOAD_TOO_LARGE", "messages[0].payload.data" },
        { "put: no queue", "QUEUE_NOT_FOUND", "queue" },
        { "get: no session", "INVALID_REQUEST", "session_id" },
        { "get: unknown session", "SESSION_NOT_FOUND", "session_id" },
        { "get: lease", "INVALID_REQUEST", "lease" },
        { "get: tasks", "WRONG_KIND", "queue" },
        { "settle: nothing", "INVALID_REQUEST", "settlements[0].settlement" },
        { "settle: no lease", "INVALID_REQUEST", "settlements[0].extend.lease" },
        { "settle: no message", "INVALID_REQUEST", "settlements[0].message_id" },
        { "settle: acks", "INVALID_REQUEST", "acked_deliveries" },
        { "leave: no queue", "QUEUE_NOT_FOUND", "queue" },
        { "leave: no session", "INVALID_REQUEST", "session_id" },
        { "leave: tasks", "WRONG_KIND", "queue" },
        { "use: kind", "INVALID_REQUEST", "policy.kind" },
        { "use: name", "INVALID_REQUEST", "queue" },
        { "use: order", "INVALID_REQUEST", "policy.order" },
        { "declare: kind", "WRONG_KIND", "policy.kind" },
        { "declare: lifo", "INVALID_REQUEST", "policy.order" },
        { "submit", "WRONG_KIND", "task.queue" },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task Bad_input_is_refused_with_its_reason_and_field(string what, string reason, string field)
    {
        await using var session = await TestSession.OpenAsync(_host);
        await _host.Queues.DeclareQueueAsync(new DeclareQueueRequest
        {
            Name = "work",
            Policy = new QueuePolicy { Durability = Durability.Memory },
        });
        var exception = await Assert.ThrowsAsync<RpcException>(() => CallAsync(what, session.Id));

        RpcAssert.Failed(exception, exception.StatusCode, reason, field);
    }

    private async Task CallAsync(string what, string session)
    {
        var (put, get) = (Put("a", "b"), Get(autoAck: false));
        get.SessionId = session;
        var settle = new MessageSettlement { MessageId = 1, Delivery = 1, Ack = new AckMessage() };
        var use = new UseQueueRequest { Queue = "other", Policy = new QueuePolicy() };
        var leave = new LeaveQueueRequest { SessionId = session, Queue = Queue };
        var settles = new SettleMessagesRequest { SessionId = session, Settlements = { settle } };
        switch (what)
        {
            case "put: no messages": put.Messages.Clear(); break;
            case "put: priority": put.Messages[1].Priority = 128; break;
            case "put: delay": put.Messages[0].Delay = new Duration { Seconds = -1 }; break;
            case "put: wait": put.Wait = new Duration { Seconds = 3601 }; break;
            case "put: both": put.Payloads.Add(new Payload()); break;
            case "put: large":
                put.Messages.Clear();
                put.Payloads.Add(
                    new Payload { Data = ByteString.CopyFrom(new byte[BrokerHost.SmallLimits.PayloadBytesMax + 1]) });
                break;
            case "put: no queue": put.Queue = "none"; break;
            case "get: no session": get.SessionId = ""; break;
            case "get: unknown session": get.SessionId = "s1-00"; break;
            case "get: lease": get.Lease = new Duration { Nanos = 1 }; break;
            case "get: tasks": get.Queue = "work"; break;
            case "settle: nothing": settle.ClearSettlement(); break;
            case "settle: no lease": settle.Extend = new ExtendMessage(); break;
            case "settle: no message": settle.MessageId = 0; break;
            case "settle: acks": settles.AckedMessageIds.Add(1); break;
            case "leave: no queue": leave.Queue = "none"; break;
            case "leave: no session": leave.SessionId = ""; break;
            case "leave: tasks": leave.Queue = "work"; break;
            case "use: kind": use.Policy.Kind = QueueKind.Tasks; break;
            case "use: name": use.Queue = "a b"; break;
            case "use: order": use.Policy.Order = (QueueOrder)7; break;
        }

        await (what.Split(':')[0] switch
        {
            "put" => Messages.PutMessagesAsync(put).ResponseAsync,
            "get" => Messages.GetMessagesAsync(get).ResponseAsync,
            "use" => Messages.UseQueueAsync(use).ResponseAsync,
            "settle" => Messages.SettleMessagesAsync(settles).ResponseAsync,
            "leave" => Messages.LeaveQueueAsync(leave).ResponseAsync,
            "declare" => _host.Queues.DeclareQueueAsync(new DeclareQueueRequest
            {
                Name = "work",
                Policy = what == "declare: kind"
                    ? new QueuePolicy { Kind = QueueKind.Messages, Durability = Durability.Memory }
                    : new QueuePolicy { Order = QueueOrder.Lifo, Durability = Durability.Memory },
            }).ResponseAsync,
            _ => (Task)_host.Tasks.SubmitTaskAsync(new SubmitTaskRequest
            {
                Task = new TaskSpec { Handler = "h", Queue = Queue },
            }).ResponseAsync,
        });
    }

    private async Task WaitingAsync(uint count)
    {
        // Each look is a round trip through the loop.
        QueueInfo queue;
        do queue = (await _host.Queues.GetQueueAsync(new GetQueueRequest { Name = Queue })).Queue;
        while (queue.WaitingGetters != count);
    }

    private static PutMessagesRequest Put(params string[] texts) => new()
    {
        Queue = Queue,
        Wait = new Duration(),
        Messages = { texts.Select(text => new NewMessage { Payload = new Payload { Data = Bytes(text) } }) },
    };

    private static GetMessagesRequest Get(uint max = 0, TimeSpan wait = default, bool autoAck = true) => new()
    {
        Queue = Queue,
        MessagesMax = max,
        Wait = Duration.FromTimeSpan(wait),
        AutoAck = autoAck,
    };

    private static MessageSettlement Ack(QueueMessage message) => new()
    {
        MessageId = message.MessageId,
        Delivery = message.Delivery,
        Ack = new AckMessage(),
    };

    private static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    private static string Text(QueueMessage message) => message.Payload.Data.ToStringUtf8();

    private static string[] Texts(GetMessagesResponse response) => [.. response.Messages.Select(Text)];
}
