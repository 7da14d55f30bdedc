using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>What was said of messages reaches the daemon, also where its consumer stops.</summary>
public sealed class SettlementTests : SessionTests
{
    public SettlementTests() => Clock = new HeldClock();

    [Fact]
    public async Task The_end_of_a_loop_waits_until_the_daemon_knows_what_was_handled()
    {
        var reading = Task.Run(async () =>
        {
            await foreach (var letter in Client.Queue<int>("letters").ReadAllAsync())
                return letter;
            return 0;
        });
        await UseAsync();
        await GiveInBriefAsync(Assert.Single(await Daemon.OperationsAsync(1)), 7);

        var ack = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal(7UL, Assert.Single(ack.SettleMessages.AckedMessageIds));
        // It waits for the answer, and no longer than this.
        await Clock!.HasAsync(TimeSpan.FromSeconds(1));
        Assert.False(reading.IsCompleted);
        await SettledAsync(ack);
        Assert.Equal(7, await reading.WaitAsync(Patience));
    }

    [Fact]
    public async Task The_end_of_the_client_lets_out_what_waits_behind_another_settlement()
    {
        var queue = Client.Queue<int>("letters");
        var first = queue.ReceiveAsync();
        await UseAsync();
        await GiveAsync(Assert.Single(await Daemon.OperationsAsync(1)), 1);
        var second = queue.ReceiveAsync();
        await GiveAsync(Assert.Single(await Daemon.OperationsAsync(1)), 2);
        var acks = new List<Task> { (await first.WaitAsync(Patience)).AckAsync() };
        acks.Add((await second.WaitAsync(Patience)).AckAsync());
        var underWay = Assert.Single(await Daemon.OperationsAsync(1));

        var disposing = Client.DisposeAsync().AsTask();

        await SettledAsync(underWay);
        var next = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal(2UL, Assert.Single(next.SettleMessages.Settlements).MessageId);
        await SettledAsync(next);
        await Task.WhenAll([.. acks, disposing]).WaitAsync(Patience);
    }

    private async Task UseAsync()
    {
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(new SessionResult { Tag = use.Tag, UseQueue = new() });
    }

    private Task GiveAsync(SessionOperation get, ulong id)
    {
        var payload = new Payload { Data = Google.Protobuf.ByteString.CopyFromUtf8($"{id}") };
        var message = new QueueMessage { MessageId = id, Delivery = 1, Payload = payload };
        return Daemon.AnswerAsync(new SessionResult { Tag = get.Tag, GetMessages = new() { Messages = { message } } });
    }

    private Task GiveInBriefAsync(SessionOperation get, ulong id)
    {
        Assert.True(get.GetMessages.Brief);
        var payload = new Payload { Data = Google.Protobuf.ByteString.CopyFromUtf8($"{id}") };
        var given = new GetMessagesResponse { Payloads = { payload }, MessageIds = { id }, Deliveries = { 1 } };
        return Daemon.AnswerAsync(new SessionResult { Tag = get.Tag, GetMessages = given });
    }

    private Task SettledAsync(SessionOperation settle) =>
        Daemon.AnswerAsync(new SessionResult { Tag = settle.Tag, SettleMessages = new() });
}
