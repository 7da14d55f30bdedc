using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>A client's end of the stream, word for word.</summary>
internal sealed class TestClient : IDisposable
{
    private readonly AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> _call;
    private readonly Queue<SubmitAck> _acks = new();
    private readonly Queue<TaskOutcome> _outcomes = new();
    private readonly Dictionary<ulong, ulong> _taskIds = [];
    private readonly Queue<StreamError> _errors = new();
    private readonly Queue<ulong> _free = new();

    private TestClient(AsyncDuplexStreamingCall<ConnectRequest, ConnectResponse> call) => _call = call;

    /// <summary>The daemon's first message.</summary>
    public ConnectResponse Welcome { get; private set; } = new();

    /// <summary>Submissions that may be sent.</summary>
    public long SubmitCredits { get; private set; }

    /// <summary>Outcomes that have come and were not taken.</summary>
    public int WaitingOutcomes => _outcomes.Count;

    public static async Task<TestClient> ConnectAsync(BrokerHost host, uint outcomeCredits = 1000)
    {
        var client = new TestClient(host.Tasks.Connect());
        await client.SendAsync(new ConnectRequest { OutcomeCredits = outcomeCredits });
        client.Welcome = await client.ReadAsync();
        return client;
    }

    public static Submission Submission(ulong tag, bool withoutOutcome = false, Action<TaskSpec>? change = null) =>
        new()
        {
            Tag = tag,
            Task = RejectionTests.Good(change),
            WithoutOutcome = withoutOutcome,
        };

    public async Task SendAsync(ConnectRequest request)
    {
        SubmitCredits -= request.Submissions.Sum(batch => batch.Tags.Count);
        await _call.RequestStream.WriteAsync(request);
    }

    public Task SubmitAsync(params Submission[] submissions) =>
        SendAsync(new ConnectRequest { Submissions = { submissions.Select(one => one.ToBatch()) } });

    public async Task<ConnectResponse> ReadAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext(default), "The daemon has ended the stream.");
        var response = _call.ResponseStream.Current;
        SubmitCredits += response.SubmitCredits;
        foreach (var (tag, task) in response.AcceptedTags.Zip(response.AcceptedTaskIds))
            _acks.Enqueue(new SubmitAck { Tag = tag, TaskId = _taskIds[tag] = task });
        foreach (var ack in response.Acks)
        {
            _taskIds[ack.Tag] = ack.TaskId;
            _acks.Enqueue(ack);
        }

        Take(response);
        foreach (var error in response.Errors) _errors.Enqueue(error);
        foreach (var segment in response.FreeSegmentIds) _free.Enqueue(segment);
        return response;
    }

    public Task<SubmitAck> AckAsync() => NextAsync(_acks);

    public Task<TaskOutcome> OutcomeAsync() => NextAsync(_outcomes);

    public Task<StreamError> ErrorAsync() => NextAsync(_errors);

    public Task<ulong> FreeAsync() => NextAsync(_free);

    public async Task<RpcException> FailureAsync() => await Assert.ThrowsAsync<RpcException>(async () =>
    {
        while (await _call.ResponseStream.MoveNext(default))
        {
            // Whatever was said before the end.
        }
    });

    public async Task LeaveAsync()
    {
        await _call.RequestStream.CompleteAsync();
        while (await _call.ResponseStream.MoveNext(default))
        {
            Take(_call.ResponseStream.Current);
        }
    }

    public void Dispose() => _call.Dispose();

    private void Take(ConnectResponse response)
    {
        foreach (var outcome in response.Outcomes) _outcomes.Enqueue(outcome);
        foreach (var batch in response.Successes)
        {
            var results = BatchPayloads.In(batch.Results).ToList();
            for (var n = 0; n < batch.Tags.Count; n++)
            {
                _outcomes.Enqueue(new TaskOutcome
                {
                    Tag = batch.Tags[n],
                    TaskId = _taskIds[batch.Tags[n]],
                    State = TaskState.Succeeded,
                    Result = results[n],
                    Attempt = batch.Attempts[n],
                    WorkerId = batch.WorkerId,
                });
            }
        }
    }

    private async Task<T> NextAsync<T>(Queue<T> queue)
    {
        while (queue.Count == 0) await ReadAsync();
        return queue.Dequeue();
    }
}
