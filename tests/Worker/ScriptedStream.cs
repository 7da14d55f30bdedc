using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Worker.Tests;

/// <summary>One worker's stream, seen from the daemon.</summary>
internal sealed class ScriptedStream(IServerStreamWriter<WorkResponse> responses)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly List<(Func<bool> Fact, TaskCompletionSource Seen)> _waiting = [];
    private readonly TaskCompletionSource<Status> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<WorkRequest> Requests { get; } = [];

    public Hello Hello => Requests[0].Hello;

    public bool IsHalfClosed { get; private set; }

    public IReadOnlyList<Settlement> Settlements => All(SettlementsIn);

    public IReadOnlyList<AttemptWait> Waits => All(request => request.Waits);

    public IReadOnlyList<AttemptLog> Logs => All(request => request.Logs);

    public IReadOnlyList<AttemptProgress> Progress => All(request => request.Progress);

    public IReadOnlyList<AttemptExtension> Extensions => All(request => request.Extensions);

    public long Credits => All(request => new long[] { request.Credits }).Sum();

    public int Heartbeats => All(request => new[] { request.Heartbeat }).Count(beat => beat);

    public Task WelcomeAsync(
        uint slots = 1,
        uint creditsMax = 1024,
        ulong payloadBytesMax = 4 << 20,
        TimeSpan? heartbeat = null) =>
        SendAsync(new WorkResponse
        {
            Welcome = new Welcome
            {
                WorkerId = "w1",
                Slots = slots,
                CreditsMax = creditsMax,
                PayloadBytesMax = payloadBytesMax,
                HeartbeatInterval = Duration.FromTimeSpan(heartbeat ?? TimeSpan.FromHours(1)),
            },
        });

    /// <summary>Gives tasks to the handler, the first attempt of each, with JSON as input.</summary>
    public Task AssignAsync(string handler, params (ulong Task, string Json)[] tasks) => SendAsync(new WorkResponse
    {
        Assignments = { tasks.Select(task => Assignment(handler, task.Task, task.Json)) },
    });

    public Task CancelAsync(ulong task, Protocol.V1.CancelReason reason) => SendAsync(new WorkResponse
    {
        Cancels = { new CancelAttempt { TaskId = task, Attempt = 1, Reason = reason } },
    });

    public Task DrainAsync(DrainReason reason = DrainReason.Stop) => SendAsync(new WorkResponse { Drain = reason });

    public Task SendAsync(WorkResponse message) => responses.WriteAsync(message);

    /// <summary>Ends the call.</summary>
    public void End(StatusCode code = StatusCode.OK, string detail = "") => _end.TrySetResult(new Status(code, detail));

    /// <summary>The settlement of that task's attempt, as soon as it is there.</summary>
    public async Task<Settlement> SettlementAsync(ulong task)
    {
        await Until(() => Settlements.Any(settlement => settlement.TaskId == task), $"a settlement of {task}");
        return Settlements.First(settlement => settlement.TaskId == task);
    }

    /// <summary>Waits until what the worker said makes it true.</summary>
    public async Task Until(Func<bool> fact, string what)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (fact())
                return;
            _waiting.Add((fact, seen));
        }

        try
        {
            await seen.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The worker did not send {what}. It sent: {string.Join(' ', Requests)}");
        }
    }

    public static AssignmentBatch Assignment(string handler, ulong task, string json)
    {
        var data = ByteString.CopyFromUtf8(json);
        return new AssignmentBatch
        {
            TaskIds = { task },
            Attempts = { 1 },
            Target = new AssignmentTarget { Handler = handler, Queue = "default" },
            Payloads = new PayloadBatch
            {
                Data = data,
                Lengths = { (uint)data.Length },
                ContentType = "application/json",
            },
            SubmittedAtUs = { 1_000_000 },
        };
    }

    private static IEnumerable<Settlement> SettlementsIn(WorkRequest request)
    {
        foreach (var settlement in request.Settlements)
            yield return settlement;
        foreach (var batch in request.Successes)
        {
            Assert.True(batch.Results.Holds(batch.TaskIds.Count));
            var offset = 0;
            for (var n = 0; n < batch.TaskIds.Count; n++)
            {
                yield return new Settlement
                {
                    TaskId = batch.TaskIds[n],
                    Attempt = batch.Attempts[n],
                    Succeeded = new Payload
                    {
                        Data = ByteString.CopyFrom(batch.Results.Take(n, ref offset).Span),
                        ContentType = batch.Results.ContentType,
                    },
                };
            }
        }
    }

    internal async Task PlayAsync(IAsyncStreamReader<WorkRequest> requests, CancellationToken cancellationToken)
    {
        var reading = ReadAsync(requests, cancellationToken);
        await Task.WhenAny(_end.Task, reading);
        if (!_end.Task.IsCompleted)
            return;
        var status = await _end.Task;
        if (status.StatusCode != StatusCode.OK)
            throw new RpcException(status);
    }

    private async Task ReadAsync(IAsyncStreamReader<WorkRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
                Note(() => Requests.Add(requests.Current));
            Note(() => IsHalfClosed = true);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The worker, or this daemon, went away without closing. The tests look at what was said before.
        }
    }

    private void Note(Action change)
    {
        lock (_gate)
        {
            change();
            foreach (var waiting in _waiting.Where(waiting => waiting.Fact()).ToList())
            {
                waiting.Seen.TrySetResult();
                _waiting.Remove(waiting);
            }
        }
    }

    private List<T> All<T>(Func<WorkRequest, IEnumerable<T>> part)
    {
        lock (_gate)
            return Requests.SelectMany(part).ToList();
    }
}
