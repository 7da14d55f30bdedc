using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;
using Xunit.Abstractions;

namespace Queued.Daemon.Tests.Edge;

/// <summary>
/// Unary gets whose callers give up while the daemon answers, over a socket. The daemon knows what it has sent, and not
/// what was heard: so only what is acknowledged afterwards cannot be lost.
/// </summary>
public sealed class CalledOffGetTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Queue = "letters";
    private const int Rounds = 500;

    private readonly List<ulong> _put = [];
    private readonly List<QueueMessage> _got = [];
    private BrokerHost _host = null!;
    private MessageService.MessageServiceClient _messages = null!;

    public async Task InitializeAsync()
    {
        _host = await BrokerHost.StartAsync();
        _messages = new MessageService.MessageServiceClient(_host.Open());
        await _messages.UseQueueAsync(new UseQueueRequest { Queue = Queue });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_lease_whose_answer_nobody_heard_comes_back_with_the_end_of_its_session()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await RaceAsync(new GetMessagesRequest { SessionId = session.Id });
        var settle = new SettleMessagesRequest { SessionId = session.Id };
        foreach (var message in _got)
        {
            settle.Settlements.Add(new MessageSettlement
            {
                MessageId = message.MessageId,
                Delivery = message.Delivery,
                Ack = new AckMessage(),
            });
        }

        if (_got.Count > 0)
            Assert.Empty((await _messages.SettleMessagesAsync(settle)).Errors);
        await session.CloseAsync();

        Assert.Equal(_put, await GivenAsync());
    }

    [Fact]
    public async Task Without_a_lease_no_message_is_given_twice()
    {
        await RaceAsync(new GetMessagesRequest { AutoAck = true });

        var given = await GivenAsync();
        Assert.Equal(given.Distinct(), given);
        Assert.Subset(_put.ToHashSet(), given.ToHashSet());
    }

    /// <summary>In each round a get waits, and is called off at the moment in which a message comes for it.</summary>
    private async Task RaceAsync(GetMessagesRequest request)
    {
        (request.Queue, request.Wait) = (Queue, new Duration { Seconds = 60 });
        for (var round = 0; round < Rounds; round++)
        {
            using var cancellation = new CancellationTokenSource();
            var getting = _messages.GetMessagesAsync(request, cancellationToken: cancellation.Token).ResponseAsync;
            var putting = _messages.PutMessagesAsync(Letter()).ResponseAsync;
            // Other moments in other rounds.
            for (var turn = round % 20; turn > 0; turn--) await Task.Yield();
            await cancellation.CancelAsync();
            _put.Add(Assert.Single((await putting).MessageIds));
            try
            {
                _got.AddRange((await getting).Messages);
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Cancelled)
            {
                // Its caller has nothing.
            }
        }
    }

    /// <summary>All that was heard, and all that is left when no call holds or waits for anything any more.</summary>
    private async Task<ulong[]> GivenAsync()
    {
        QueueInfo queue;
        do queue = (await _host.Queues.GetQueueAsync(new GetQueueRequest { Name = Queue })).Queue;
        while (queue.WaitingGetters > 0 || queue.RunningCount > 0);
        var rest = new GetMessagesRequest
        {
            Queue = Queue,
            AutoAck = true,
            MessagesMax = Rounds,
            Wait = new Duration(),
        };
        var left = (await _messages.GetMessagesAsync(rest)).Messages;
        var lost = _put.Count - _got.Count - left.Count;
        output.WriteLine($"{_put.Count} were put, {_got.Count} heard, {left.Count} left, {lost} lost");
        return [.. _got.Concat(left).Select(message => message.MessageId).Order()];
    }

    private static PutMessagesRequest Letter() => new()
    {
        Queue = Queue,
        Messages = { new NewMessage { Payload = new Payload { Data = ByteString.CopyFromUtf8("a") } } },
    };
}
