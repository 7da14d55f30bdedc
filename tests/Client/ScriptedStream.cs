using Google.Protobuf;
using Grpc.Core;
using Queued.Protocol.V1;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Client.Tests;

/// <summary>One client's stream, seen from the daemon.</summary>
internal sealed class ScriptedStream(IServerStreamWriter<ConnectResponse> responses)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly List<(Func<bool> Fact, TaskCompletionSource Seen)> _waiting = [];
    private readonly TaskCompletionSource<Status> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<ScriptedStream, Submission, Task>? _worker;
    private ulong _lastTask;

    public List<ConnectRequest> Requests { get; } = [];

    public bool IsHalfClosed { get; private set; }

    public IReadOnlyList<Submission> Submissions => All(Submission.In);

    public IReadOnlyList<ulong> Watches => All(request => request.WatchTaskIds);

    public IReadOnlyList<ulong> Unwatches => All(request => request.UnwatchTaskIds);

    public IReadOnlyList<CancelTaskRequest> Cancels => All(request => request.Cancels);

    public long OutcomeCredits => Requests.Sum(request => (long)request.OutcomeCredits);

    /// <summary>From now on every submission, also those that came already, is answered by this.</summary>
    public async Task PlayWorkerAsync(Func<ScriptedStream, Submission, Task> worker)
    {
        IReadOnlyList<Submission> before;
        lock (_gate)
        {
            before = Submissions;
            _worker = worker;
        }

        foreach (var submission in before)
            await worker(this, submission);
    }

    /// <summary>The n-th submission, as soon as it is there.</summary>
    public async Task<Submission> SubmissionAsync(int n = 0)
    {
        await Until(() => Submissions.Count > n, $"submission {n}");
        return Submissions[n];
    }

    public ulong NextTaskId() => Interlocked.Increment(ref _lastTask);

    public Task AckAsync(Submission submission, ulong task, bool deduplicated = false) => SendAsync(new ConnectResponse
    {
        Acks = { new SubmitAck { Tag = submission.Tag, TaskId = task, Deduplicated = deduplicated } },
        SubmitCredits = submission.WithoutOutcome ? 1u : 0,
    });

    public Task RefuseAsync(Submission submission, RpcStatus error) => SendAsync(new ConnectResponse
    {
        Acks = { new SubmitAck { Tag = submission.Tag, Error = error } },
        SubmitCredits = 1,
    });

    public Task SucceedAsync(ulong tag, ulong task, string json, string contentType = "application/json") =>
        OutcomeAsync(new Protocol.V1.TaskOutcome
        {
            Tag = tag,
            TaskId = task,
            State = Protocol.V1.TaskState.Succeeded,
            Result = new Payload { Data = ByteString.CopyFromUtf8(json), ContentType = contentType },
            Attempt = 1,
            WorkerId = "w1",
        });

    public Task FailAsync(
        ulong tag, ulong task, Failure failure, Protocol.V1.TaskState state = Protocol.V1.TaskState.Failed) =>
        OutcomeAsync(
            new Protocol.V1.TaskOutcome { Tag = tag, TaskId = task, State = state, Failure = failure, Attempt = 1 });

    public Task OutcomeAsync(Protocol.V1.TaskOutcome outcome) =>
        SendAsync(new ConnectResponse { Outcomes = { outcome }, SubmitCredits = outcome.Tag == 0 ? 0u : 1 });

    /// <summary>Takes the task and ends it with that result.</summary>
    public async Task RunAsync(Submission submission, string json, string contentType = "application/json")
    {
        var task = NextTaskId();
        await AckAsync(submission, task);
        await SucceedAsync(submission.Tag, task, json, contentType);
    }

    /// <summary>Takes the task and ends it with that failure.</summary>
    public async Task RunAsync(Submission submission, Failure failure)
    {
        var task = NextTaskId();
        await AckAsync(submission, task);
        await FailAsync(submission.Tag, task, failure);
    }

    public async Task SendAsync(ConnectResponse message)
    {
        await _sending.WaitAsync();
        try
        {
            await responses.WriteAsync(message);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Ends the call.</summary>
    public void End(StatusCode code = StatusCode.OK, string detail = "") => _end.TrySetResult(new Status(code, detail));

    /// <summary>Waits until what the client said makes it true.</summary>
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
            Assert.Fail($"The client did not send {what}. It sent: {string.Join(' ', Requests)}");
        }
    }

    internal async Task PlayAsync(IAsyncStreamReader<ConnectRequest> requests, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadAsync(requests, ending.Token);
        await Task.WhenAny(_end.Task, reading);

        // The server uses a finished call's reader again for the next one.
        await ending.CancelAsync();
        await reading;
        if (!_end.Task.IsCompleted)
            return;
        var status = await _end.Task;
        if (status.StatusCode != StatusCode.OK)
            throw new RpcException(status);
    }

    private async Task ReadAsync(IAsyncStreamReader<ConnectRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                Note(() => Requests.Add(requests.Current));
                if (_worker is not { } worker)
                    continue;
                foreach (var submission in Submission.In(requests.Current))
                    await worker(this, submission);
            }

            Note(() => IsHalfClosed = true);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException
            or InvalidOperationException or RpcException)
        {
            // The client, or this daemon, went away without closing. The tests look at what was said before.
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

    private List<T> All<T>(Func<ConnectRequest, IEnumerable<T>> part)
    {
        lock (_gate)
            return Requests.SelectMany(part).ToList();
    }
}
