using Google.Protobuf.WellKnownTypes;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Tasks that a client's stream brings together.</summary>
public sealed class SubmissionBatchTests : IAsyncLifetime
{
    private const int Window = 8;

    private BrokerHost _host = null!;

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync(
        new BrokerLoopOptions { Limits = BrokerHost.SmallLimits, SubmitWindow = Window });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Tasks_of_a_batch_have_a_priority_each()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var batch = Batch(["low", "high", "middle"], 1, 2, 3);
        batch.Priorities.Add([-128, 127, 0]);
        await client.SendAsync(new ConnectRequest { Submissions = { batch } });
        await AnswersAsync(client, 3);
        using var worker = await TestWorker.ConnectAsync(_host, credits: 3);
        var order = new List<string>();
        for (var i = 0; i < 3; i++) order.Add((await worker.TakeAsync()).Payload.Data.ToStringUtf8());

        Assert.Equal(["high", "middle", "low"], order);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1, 2, 3)]
    public async Task A_batch_with_other_than_a_priority_for_each_is_refused(params int[] priorities)
    {
        using var client = await TestClient.ConnectAsync(_host);
        var batch = Batch(["", ""], 1, 2);
        batch.Priorities.Add(priorities);
        await client.SendAsync(new ConnectRequest { Submissions = { batch } });

        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "priorities");
        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "priorities");
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Fact]
    public async Task A_priority_out_of_its_range_refuses_the_task_that_has_it_alone()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var batch = Batch(["", "", ""], 1, 2, 3);
        batch.Priorities.Add([1, 128, 2]);
        await client.SendAsync(new ConnectRequest { Submissions = { batch } });
        var answers = await AnswersAsync(client, 3);

        RpcAssert.Refused(answers[2].Error, "INVALID_REQUEST", "task.priority");
        Assert.All([answers[1], answers[3]], answer => Assert.True(answer.TaskId > 0));
    }

    [Fact]
    public async Task Tasks_of_a_batch_differ_in_their_payload_alone()
    {
        using var worker = await TestWorker.ConnectAsync(_host, credits: 3);
        using var client = await TestClient.ConnectAsync(_host);
        await client.SendAsync(new ConnectRequest { Submissions = { Batch(["one", "", "three"], 1, 2, 3) } });
        var answers = await AnswersAsync(client, 3);
        var assignments = new List<TakenAssignment>();
        for (var i = 0; i < 3; i++) assignments.Add(await worker.TakeAsync());
        foreach (var assignment in assignments) await worker.SettleAsync(assignment, $"of {assignment.TaskId}");

        Assert.Equal(
            ["one", "", "three"], assignments.Select(assignment => assignment.Payload.Data.ToStringUtf8()));
        Assert.All(assignments, assignment => Assert.Equal("b", assignment.Target.Labels["a"]));
        for (var tag = 1UL; tag <= 3; tag++)
        {
            var outcome = await client.OutcomeAsync();
            Assert.Equal(answers[outcome.Tag].TaskId, outcome.TaskId);
            Assert.Equal($"of {outcome.TaskId}", outcome.Result.Data.ToStringUtf8());
        }
    }

    [Fact]
    public async Task All_of_a_batch_are_refused_for_what_they_have_in_common()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var batch = Batch(["", ""], 1, 2);
        var spec = batch.Task;
        spec.Delay = new Duration { Seconds = 1, Nanos = -1 };
        await client.SendAsync(new ConnectRequest { Submissions = { batch } });

        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "task.delay");
        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "task.delay");
        Assert.Equal(Window, client.SubmitCredits);
    }

    [Theory]
    [InlineData("1 2")]
    [InlineData("2 1")]
    [InlineData("2 2 1")]
    [InlineData("4294967295 4")]
    public async Task A_batch_whose_lengths_are_not_those_of_its_payloads_is_refused(string lengths)
    {
        using var client = await TestClient.ConnectAsync(_host);
        var batch = Batch(["12", "34"], 1, 2);
        batch.Payloads.Lengths.Clear();
        batch.Payloads.Lengths.Add(lengths.Split(' ').Select(uint.Parse));
        await client.SendAsync(new ConnectRequest { Submissions = { batch } });

        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "payloads");
        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "payloads");
    }

    private static SubmissionBatch Batch(string[] payloads, params ulong[] tags) => new()
    {
        Task = RejectionTests.Good(spec => spec.Labels["a"] = "b"),
        Tags = { tags },
        Payloads = BatchPayloads.Of(payloads),
    };

    private static async Task<Dictionary<ulong, SubmitAck>> AnswersAsync(TestClient client, int count)
    {
        var answers = new Dictionary<ulong, SubmitAck>();
        while (answers.Count < count)
        {
            var ack = await client.AckAsync();
            answers.Add(ack.Tag, ack);
        }

        return answers;
    }
}
