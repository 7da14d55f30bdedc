using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>Who is woken by an answer may keep the thread that has read it: nobody else waits for it.</summary>
public sealed class LentThreadTests : SessionTests
{
    [Fact]
    public async Task Who_blocks_after_a_get_holds_up_no_other_answer()
    {
        var queue = Client.Queue<int>("letters");
        using var hasSecond = new ManualResetEventSlim();
        var first = GetAndBlockAsync(queue.GetAsync(), hasSecond);
        await UseAsync();
        var gets = await Daemon.OperationsAsync(1);
        var second = SetAsync(queue.GetAsync(), hasSecond);
        gets.AddRange(await Daemon.OperationsAsync(1));

        await GiveAsync(gets[0], 1);
        await GiveAsync(gets[1], 2);

        Assert.True(await first.WaitAsync(Patience));
        await second.WaitAsync(Patience);
    }

    [Fact]
    public async Task Who_blocks_after_a_put_holds_up_no_other_put()
    {
        var queue = Client.Queue<int>("letters");
        using var hasSecond = new ManualResetEventSlim();
        var first = PutAndBlockAsync(queue, hasSecond);
        await UseAsync();
        await PutAsync(Assert.Single(await Daemon.OperationsAsync(1)));
        var second = Assert.Single(await Daemon.OperationsAsync(1));
        Assert.Equal("2", Assert.Single(second.PutMessages.Payloads).Data.ToStringUtf8());
        await PutAsync(second);

        Assert.True(await first.WaitAsync(Patience));
    }

    [Fact]
    public async Task Answers_that_come_together_wake_all_who_wait()
    {
        var queue = Client.Queue<int>("letters");
        var getting = Enumerable.Range(0, 5).Select(_ => queue.GetAsync()).ToArray();
        await UseAsync();
        var gets = await Daemon.OperationsAsync(5);
        await Daemon.AnswerAsync([.. gets.Select(get => Given(get, 7))]);

        Assert.All(await Task.WhenAll(getting).WaitAsync(Patience), number => Assert.Equal(7, number));
    }

    private static async Task<bool> GetAndBlockAsync(Task<int> get, ManualResetEventSlim other)
    {
        await get.ConfigureAwait(false);
        return other.Wait(Patience);
    }

    private static async Task SetAsync(Task<int> get, ManualResetEventSlim set)
    {
        await get.ConfigureAwait(false);
        set.Set();
    }

    private static async Task<bool> PutAndBlockAsync(MessageQueue<int> queue, ManualResetEventSlim other)
    {
        await queue.PutAsync(1).ConfigureAwait(false);
        var second = SetAsync(PutAsync(queue), other);
        var isSet = other.Wait(Patience);
        await second.ConfigureAwait(false);
        return isSet;
    }

    private static async Task<int> PutAsync(MessageQueue<int> queue)
    {
        await queue.PutAsync(2).ConfigureAwait(false);
        return 2;
    }

    private async Task UseAsync()
    {
        var use = Assert.Single(await Daemon.OperationsAsync(1));
        await Daemon.AnswerAsync(new SessionResult { Tag = use.Tag, UseQueue = new() });
    }

    private Task GiveAsync(SessionOperation get, int number) => Daemon.AnswerAsync(Given(get, number));

    private Task PutAsync(SessionOperation put) => Daemon.AnswerAsync(
        new SessionResult { Tag = put.Tag, PutMessages = new PutMessagesResponse { MessageIds = { 1 } } });

    private static SessionResult Given(SessionOperation get, int number)
    {
        var payload = new Payload { Data = Google.Protobuf.ByteString.CopyFromUtf8($"{number}") };
        var given = new GetMessagesResponse { Payloads = { payload }, MessageIds = { 1 }, Deliveries = { 1 } };
        return new SessionResult { Tag = get.Tag, GetMessages = given };
    }
}
