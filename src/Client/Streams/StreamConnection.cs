using System.Diagnostics.CodeAnalysis;
using Grpc.Core;
using Queued.Client.Wire;
using Queued.Protocol.Streams;
using Queued.Worker.Connection;
using Queued.Worker.Memory;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Streams;

/// <summary>
/// One opening of the stream. One writer sends what came together while its last write was under way, and what those
/// submit whom one message has woken, with no timer: alone a submit leaves at once, under load messages grow. One
/// reader matches acks and outcomes to what is pending.
/// </summary>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The call disposes it.")]
internal sealed class StreamConnection(TaskStream stream, DaemonCalls daemon, TimeSpan openTimeout, TimeProvider clock)
{
    private const string TaskFinished = "TASK_FINISHED";
    private readonly WakeSignal _work = new();
    private readonly List<PendingTask?> _accepted = [];
    private readonly List<PendingTask?> _acknowledged = [];
    private readonly List<(PendingTask Task, TaskOutcome Outcome)> _finished = [];
    // Half of what the daemon leaves a segment alone after a client has gone that reads it.
    private static readonly TimeSpan ReadOnTime = TimeSpan.FromSeconds(5);

    private long _endedAt;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LargePayloads? _large;
    private volatile ReaderWakes? _wakes;
    private volatile bool _isClosing;

    /// <summary>The daemon has answered.</summary>
    public bool IsEstablished { get; private set; }

    /// <summary>There is something to send.</summary>
    public void Wake() => _work.Set();

    /// <summary>
    /// There is a submit to send. It leaves soon with others where its submitter was woken with others.
    /// </summary>
    /// <param name="isAlone">
    /// It goes out on this thread, which must not hold the gate: one submit that is alone need not wait for another
    /// thread to wake up.
    /// </param>
    public void WakeForSubmit(bool isAlone)
    {
        if (_wakes is not { IsGathering: true })
            _work.Set(inline: isAlone);
    }

    /// <summary>Sends what is pending and then ends the stream in good order.</summary>
    public async Task CloseAsync(TimeSpan timeout)
    {
        _isClosing = true;
        _work.Set();
        await _ended.Task.WaitAsync(timeout, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>Why it ended.</returns>
    public async Task<Exception> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await RunCallAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _large?.Dispose();
            _endedAt = clock.GetTimestamp();
            _ended.TrySetResult();
        }
    }

    private async Task<Exception> RunCallAsync(CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var opening = new CancellationTokenSource(openTimeout, clock);
        using var overdue = opening.Token.Register(() =>
        {
            if (!IsEstablished)
                ending.Cancel();
        });
        using var call = daemon.Tasks.Connect(new CallOptions(cancellationToken: ending.Token));
        var writing = WriteAsync(call.RequestStream, ending.Token);
        var end = await ReadAsync(call.ResponseStream, ending.Token).ConfigureAwait(false);
        await ending.CancelAsync().ConfigureAwait(false);
        _work.Set();
        await writing.ConfigureAwait(false);
        if (!IsEstablished && opening.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return ErrorMapping.Make(new ErrorDetails(
                ErrorMapping.DeadlineExceeded,
                $"The daemon at {daemon.Address} did not open the stream within {openTimeout}."));
        }

        return end;
    }

    private async Task WriteAsync(
        IClientStreamWriter<Proto.ConnectRequest> requests, CancellationToken cancellationToken)
    {
        var isFirst = true;
        var thread = new WriterThread();
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                Proto.ConnectRequest? message;
                List<(PendingTask Task, QueuedException Error)> refused;
                PendingTask? toStage;
                // Before what is pending is looked at: what comes later has missed the end.
                var isClosing = _isClosing;
                lock (stream.Gate)
                {
                    message = stream.Pending.TakeMessage(isFirst, clock.GetTimestamp());
                    refused = stream.Pending.TakeRefused();
                    toStage = stream.Pending.ToStage;
                    isClosing = isClosing && !stream.Pending.HasCancelToCome;
                }

                foreach (var (task, error) in refused)
                    task.OnError(error);
                if (message is not null)
                {
                    isFirst = false;
                    await thread.ForMessage();
                    await thread.Writing(requests.WriteAsync(message, cancellationToken)).ConfigureAwait(false);
                    continue;
                }

                if (toStage is not null)
                {
                    await _large!.StageAsync(toStage, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (isClosing)
                {
                    await requests.CompleteAsync().ConfigureAwait(false);
                    return;
                }

                await thread.Waiting(_work.WaitAsync()).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (
            exception is RpcException or OperationCanceledException or InvalidOperationException
                or HttpRequestException or IOException)
        {
            // The stream broke. The reader gets the reason, and what was in this message is among the pending.
        }
    }

    private async Task<Exception> ReadAsync(
        IAsyncStreamReader<Proto.ConnectResponse> responses, CancellationToken cancellationToken)
    {
        var wakes = _wakes = new ReaderWakes(gone: SendGathered);
        try
        {
            while (await wakes.During(responses.MoveNext(cancellationToken)))
            {
                if (!IsEstablished)
                    Share(responses.Current);
                IsEstablished = true;
                Handle(responses.Current, wakes);
            }

            return ErrorMapping.Make(new ErrorDetails(
                ErrorMapping.ConnectionLost, $"The daemon at {daemon.Address} closed the connection."));
        }
        catch (RpcException exception)
        {
            return ErrorMapping.FromRpc(exception, daemon.Address.ToString());
        }
        catch (OperationCanceledException exception)
        {
            return ErrorMapping.Make(
                new ErrorDetails(
                    ErrorMapping.ConnectionLost, $"The connection to the daemon at {daemon.Address} was closed."),
                exception);
        }
        finally
        {
            wakes.RunElsewhere();
        }
    }

    /// <summary>
    /// On this thread where the daemon has nothing else to do; else a moment later, and more may come together.
    /// </summary>
    private void SendGathered()
    {
        bool isAll;
        lock (stream.Gate)
        {
            if (!stream.Pending.HasMessage)
                return;
            isAll = stream.Pending.IsNothingSent;
        }

        _work.Set(inline: isAll);
    }

    private void Share(Proto.ConnectResponse first)
    {
        var segments = PayloadSegments.Find(
            first.SegmentDirectory, first.SessionId, daemon.Channel, segment => Close(segment));
        if (segments is null)
            return;
        _large = new LargePayloads(segments);
        lock (stream.Gate)
            stream.Pending.Share(_large);
        _work.Set();
    }

    /// <summary>Whoever reads a result in its place may do so beyond the end of the stream that it came on.</summary>
    /// <returns>False: so long that the segment may be another's.</returns>
    private bool Close(ulong segment)
    {
        lock (stream.Gate)
        {
            if (_ended.Task.IsCompleted)
                return clock.GetElapsedTime(_endedAt) < ReadOnTime;
            stream.Pending.AddClose(segment);
        }

        _work.Set();
        return true;
    }

    private void Handle(Proto.ConnectResponse response, ReaderWakes wakes)
    {
        foreach (var segment in response.FreeSegmentIds)
            _large?.Free(segment);
        foreach (var outcome in response.Outcomes)
        {
            if (outcome.Result?.Segment is not null)
                _large?.Fetch(outcome, IsReadInPlace(outcome), Close);
        }

        bool hasMessage;
        lock (stream.Gate)
        {
            stream.Pending.AddCredits(response);
            for (var n = 0; n < response.AcceptedTags.Count && n < response.AcceptedTaskIds.Count; n++)
                _accepted.Add(stream.Pending.Accept(response.AcceptedTags[n], response.AcceptedTaskIds[n]));
            foreach (var ack in response.Acks)
                _acknowledged.Add(stream.Pending.Accept(ack.Tag, ack.TaskId));
        }

        // Callbacks run outside of the gate: a map takes its own lock in them and submits again.
        foreach (var task in _accepted)
            task?.OnAccepted(deduplicated: false, wakes);
        for (var n = 0; n < _acknowledged.Count; n++)
            Tell(_acknowledged[n], response.Acks[n], wakes);
        _accepted.Clear();
        _acknowledged.Clear();

        lock (stream.Gate)
        {
            foreach (var outcome in response.Outcomes)
                stream.Pending.Finish(outcome, _finished);
            foreach (var batch in response.Successes)
                stream.Pending.Finish(batch, _finished);
            hasMessage = stream.Pending.HasMessage;
        }

        foreach (var (task, outcome) in _finished)
            task.OnOutcome(outcome, wakes);
        _finished.Clear();
        foreach (var error in response.Errors)
            Fail(error);
        // Credits alone are no reason to wake the writer, and an ack is one that has nothing more to send than its end.
        if (hasMessage || _isClosing)
            _work.Set();
    }

    private bool IsReadInPlace(Proto.TaskOutcome outcome)
    {
        lock (stream.Gate)
            return stream.Pending.IsReadInPlace(outcome.Tag);
    }

    private static void Tell(PendingTask? task, Proto.SubmitAck ack, ReaderWakes wakes)
    {
        if (task is null)
            return;
        if (ack.TaskId != 0)
            task.OnAccepted(ack.Deduplicated, wakes);
        else
            task.OnError(
                ErrorMapping.FromStatus(
                    ack.Error
                        ?? new Google.Rpc.Status { Message = "The daemon refused the task and did not say why." }));
    }

    private void Fail(Proto.StreamError error)
    {
        var exception = ErrorMapping.FromStatus(error.Error ?? new Google.Rpc.Status());

        // Somebody cancelled a task that had ended: its outcome is on its way, and its watchers wait for that.
        if (exception.Reason == TaskFinished)
            return;
        IReadOnlyList<PendingTask> watchers;
        lock (stream.Gate)
            watchers = stream.Pending.TakeWatchers(error.TaskId);
        foreach (var task in watchers)
            task.OnError(exception is TaskNotFoundException && task.IsNotKept ? NotKept(exception) : exception);
    }

    // Only asked for by its number after a redial: its outcome was sent, or could not be, on a stream that is gone.
    private QueuedException NotKept(Exception cause) => ErrorMapping.Make(
        new ErrorDetails(
            ErrorMapping.ConnectionLost,
            $"The connection to the daemon at {daemon.Address} was lost while the task was under way, and by the time "
            + "there was another the task had ended, or was gone with the daemon. Its result was not kept: its "
            + $"{nameof(SubmitOptions.ResultTtl)} is 0. To find it after such a break, give it one that is longer than "
            + "a break may last."),
        cause);
}
