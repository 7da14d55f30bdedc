using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>A worker's end of the stream, word for word.</summary>
internal sealed class TestWorker : IDisposable
{
    private readonly AsyncDuplexStreamingCall<WorkRequest, WorkResponse> _call;
    private readonly Queue<TakenAssignment> _assignments = new();
    private readonly Queue<CancelAttempt> _cancels = new();
    private readonly Queue<AttemptError> _errors = new();
    private readonly Queue<ulong> _free = new();

    private TestWorker(AsyncDuplexStreamingCall<WorkRequest, WorkResponse> call) => _call = call;

    public Welcome Welcome { get; private set; } = new();

    public DrainReason Drain { get; private set; }

    public static TestWorker Open(BrokerHost host) => new(host.Workers.Work());

    public static async Task<TestWorker> ConnectAsync(BrokerHost host, uint credits = 1, params string[] queues)
    {
        var worker = Open(host);
        await worker.SendAsync(new WorkRequest
        {
            Hello = new Hello { ProtocolVersion = 1, Queues = { queues.Length > 0 ? queues : ["default"] }, Slots = 1 },
            Credits = credits,
        });
        await worker.ReadWelcomeAsync();
        return worker;
    }

    public async Task ReadWelcomeAsync()
    {
        Welcome = (await ReadAsync()).Welcome;
        Assert.NotNull(Welcome);
    }

    public Task SendAsync(WorkRequest request) => _call.RequestStream.WriteAsync(request);

    public async Task<WorkResponse> ReadAsync()
    {
        Assert.True(await _call.ResponseStream.MoveNext(default), "The daemon has ended the stream.");
        var response = _call.ResponseStream.Current;
        foreach (var taken in response.Assignments.SelectMany(TakenAssignment.In)) _assignments.Enqueue(taken);
        foreach (var cancel in response.Cancels) _cancels.Enqueue(cancel);
        foreach (var error in response.Errors) _errors.Enqueue(error);
        foreach (var segment in response.FreeSegmentIds) _free.Enqueue(segment);
        if (response.Drain != DrainReason.Unspecified) Drain = response.Drain;
        return response;
    }

    public Task<TakenAssignment> TakeAsync() => NextAsync(_assignments);

    public Task<CancelAttempt> TakeCancelAsync() => NextAsync(_cancels);

    public Task<AttemptError> TakeErrorAsync() => NextAsync(_errors);

    public Task<ulong> FreeAsync() => NextAsync(_free);

    public Task SettleAsync(TakenAssignment taken, string result = "", uint credits = 1) => SendAsync(new WorkRequest
    {
        Successes =
        {
            new SettlementBatch
            {
                TaskIds = { taken.TaskId },
                Attempts = { taken.Attempt },
                Results = BatchPayloads.Of(result),
            },
        },
        Credits = credits,
    });

    public static Settlement Succeeded(TakenAssignment assignment, string result = "") => new()
    {
        TaskId = assignment.TaskId,
        Attempt = assignment.Attempt,
        Succeeded = new Payload { Data = Google.Protobuf.ByteString.CopyFromUtf8(result), ContentType = "text/plain" },
    };

    /// <summary>How the daemon ends the stream.</summary>
    public async Task<RpcException> FailureAsync() => await Assert.ThrowsAsync<RpcException>(async () =>
    {
        while (await _call.ResponseStream.MoveNext(default))
        {
            // Whatever was said before the end.
        }
    });

    /// <summary>The worker leaves, and the daemon ends the call.</summary>
    public async Task LeaveAsync()
    {
        await _call.RequestStream.CompleteAsync();
        Assert.False(await _call.ResponseStream.MoveNext(default));
    }

    public void Dispose() => _call.Dispose();

    private async Task<T> NextAsync<T>(Queue<T> queue)
    {
        while (queue.Count == 0) await ReadAsync();
        return queue.Dequeue();
    }
}
