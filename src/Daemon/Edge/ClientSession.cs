using Google.Protobuf.Collections;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;
using Command = Queued.Broker.Command;
using SubmitResult = Queued.Broker.SubmitResult;
using TaskOutcome = Queued.Broker.TaskOutcome;

namespace Queued.Daemon.Edge;

/// <summary>
/// One client's stream. Each message becomes one command; acks, outcomes and credits leave in batches. A submission
/// holds its credit until its last word (the outcome, or the ack where that is the last) is written, so a client that
/// does not read can make no more work than its window; outcomes it gives no credits for wait here, and are bounded by
/// the same, or by watches_per_session_max where it only watches.
/// </summary>
internal sealed class ClientSession : ITaskListener, IOutboxFormat<ConnectResponse>, IAsyncDisposable
{
    /// <summary>How long acks that may wait do so for something that they can go with.</summary>
    private static readonly TimeSpan AckWait = TimeSpan.FromMilliseconds(20);

    private readonly BrokerGateway _broker;
    private readonly SubmissionReader _reader;
    private readonly BrokerLoopOptions _options;
    private readonly SessionScope _scope;
    private readonly Outbox<ConnectResponse> _outbox;
    private readonly SessionRegistry _sessions;
    private readonly ITimer _late;
    private int _submitCredits;

    /// <summary>The timer runs: acks wait, or have waited.</summary>
    private bool _isLateSet;

    /// <summary>The latest of the message that is being made that is in a batch.</summary>
    private TaskOutcome? _previous;

    public ClientSession(
        BrokerGateway broker, SessionRegistry sessions, SubmissionReader reader, BrokerLoopOptions options,
        TimeProvider time)
    {
        _broker = broker;
        _sessions = sessions;
        _reader = reader;
        _options = options;
        _submitCredits = options.SubmitWindow;
        _outbox = new Outbox<ConnectResponse>(this);
        _scope = new SessionScope(broker, sessions, this);
        _late = time.CreateTimer(_ => SendLate(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public async Task RunAsync(
        IAsyncStreamReader<ConnectRequest> requests, IServerStreamWriter<ConnectResponse> responses, CallEnd end)
    {
        var first = new ConnectResponse
        {
            SubmitCredits = (uint)_submitCredits,
            PayloadBytesMax = (ulong)_options.Limits.PayloadBytesMax,
            MessageBytesMax = (ulong)_options.MessageBytesMax,
            SessionId = _sessions.NameOf(_scope.Id),
            SegmentDirectory = end.IsLocal ? _options.Segments.Directory : "",
        };
        // Segments that it makes are its own from its first message on.
        await _broker.TellAsync(new Command.OpenSession(_scope.Id, $"client {_scope.Id}"), end.Token);
        await responses.WriteAsync(first, end.Token);
        await DuplexCall.RunAsync(requests, TakeAsync, _outbox, responses, end);
    }

    public void Finished(Effect.TaskFinished finished)
    {
        var outcome = finished.Outcome;
        var bytes = (outcome.Result?.Data.Length ?? 0) + (outcome.Failure?.Detail.Length ?? 0);
        // Submissions have tags, and watches have none.
        _outbox.AddGated(finished, bytes, givesBack: finished.Tag != 0);
    }

    public void SegmentFree(SegmentId segment) => _outbox.Add(new Segment { SegmentId = segment.Value }, 0);

    public ConnectResponse Create()
    {
        _previous = null;
        return new ConnectResponse();
    }

    public void Append(ConnectResponse message, object entry)
    {
        switch (entry)
        {
            case SubmitAck ack:
                message.Acks.Add(ack);
                break;
            case List<SubmitResult> accepted:
                foreach (var (tag, id, _, _) in accepted)
                {
                    message.AcceptedTags.Add(tag);
                    message.AcceptedTaskIds.Add(id.Value);
                }

                break;
            case Effect.TaskFinished { Tag: not 0, Outcome.State: Broker.TaskState.Succeeded } finished
                when finished.Outcome is { Result: { Range: null } result, Worker: { } worker }:
                AddSuccess(message.Successes, finished, result, worker);
                break;
            case Effect.TaskFinished finished:
                var outcome = finished.Outcome;
                message.Outcomes.Add(ProtoMapping.ToWire(finished.Tag, outcome, outcome.Worker?.ToString() ?? ""));
                break;
            case StreamError error:
                message.Errors.Add(error);
                break;
            case Segment free:
                message.FreeSegmentIds.Add(free.SegmentId);
                break;
            default:
                throw new InvalidOperationException($"{entry.GetType().Name} has no place on a client's stream.");
        }
    }

    public void Seal(ConnectResponse message, int credits)
    {
        foreach (var batch in message.Successes) batch.Results.Seal();
        if (credits == 0) return;
        Interlocked.Add(ref _submitCredits, credits);
        message.SubmitCredits = (uint)credits;
    }

    public async ValueTask DisposeAsync()
    {
        await _late.DisposeAsync();
        await _scope.DisposeAsync();
    }

    /// <summary>
    /// Acks that nobody waits for. One timer goes on for all that come meanwhile, so a few go out before their time.
    /// </summary>
    private void AddLate(List<SubmitResult> accepted, int bytes, int givesBack)
    {
        _outbox.AddLate(accepted, bytes, givesBack);
        if (!Interlocked.Exchange(ref _isLateSet, true)) _late.Change(AckWait, Timeout.InfiniteTimeSpan);
    }

    private void SendLate()
    {
        Volatile.Write(ref _isLateSet, false);
        _outbox.SendLate();
    }

    private void AddSuccess(
        RepeatedField<OutcomeBatch> batches, Effect.TaskFinished finished, TaskPayload result, WorkerId worker)
    {
        if (_previous is null || _previous.Worker != worker || _previous.Result?.ContentType != result.ContentType)
        {
            batches.Add(new OutcomeBatch
            {
                Results = new PayloadBatch { ContentType = result.ContentType },
                WorkerId = worker.ToString(),
            });
        }

        _previous = finished.Outcome;
        var batch = batches[^1];
        batch.Tags.Add(finished.Tag);
        batch.Attempts.Add(finished.Outcome.Attempt);
        batch.Results.Append(result.Data);
    }

    private async Task TakeAsync(ConnectRequest request, CancellationToken cancellationToken)
    {
        CheckSizes(request);
        if (request.MapsSegments) await _broker.TellAsync(new Command.MapSegments(_scope.Id), cancellationToken);
        foreach (var segment in request.CloseSegmentIds)
        {
            // It has read a result there, or wants a segment of its own no more.
            var close = new Command.CloseSegment(default, _scope.Id, new SegmentId(segment));
            await _broker.TellAsync(close, cancellationToken);
        }

        _outbox.Grant(request.OutcomeCredits);
        if (request.Submissions.Count > 0) await SubmitAsync(request, cancellationToken);
        if (request.WatchTaskIds.Count > 0) await WatchAsync(request, cancellationToken);
        if (request.UnwatchTaskIds.Count > 0)
        {
            var tasks = ToIds(request.UnwatchTaskIds);
            await _broker.TellAsync(new Command.UnwatchTasks(_scope.Id, tasks), cancellationToken);
        }

        foreach (var cancel in request.Cancels) await CancelAsync(cancel, cancellationToken);
        await _outbox.WaitForRoomAsync(cancellationToken);
    }

    private void CheckSizes(ConnectRequest request)
    {
        // Each submission of a message uses a credit, also one that will be refused.
        var count = CountOf(request);
        var left = Interlocked.Add(ref _submitCredits, -count);
        if (left < 0)
        {
            throw RpcErrors.ToException(new Rejection(
                RejectionReason.LimitReached,
                $"The message has {count} submissions, {-left} more than the stream's " +
                "submit_credits allow. Wait for submit_credits in the daemon's messages.",
                "submissions",
                "submit_credits"));
        }

        var max = _options.Limits.SubmitBatchMax;
        RequireAtMost(count, max, "submissions");
        RequireAtMost(request.WatchTaskIds.Count, max, "watch_task_ids");
        RequireAtMost(request.UnwatchTaskIds.Count, max, "unwatch_task_ids");
        RequireAtMost(request.Cancels.Count, max, "cancels");
        RequireAtMost(request.CloseSegmentIds.Count, max, "close_segment_ids");
    }

    private static void RequireAtMost(int count, int max, string field)
    {
        if (count <= max) return;
        throw RpcErrors.InvalidCall(field, $"{field} has {count} entries, more than {max} in one message.");
    }

    private static int CountOf(ConnectRequest request)
    {
        var count = 0;
        foreach (var batch in request.Submissions) count += batch.Tags.Count;
        return count;
    }

    /// <summary>A batch may be without tasks. By number: an enumerator would be made for each lone task.</summary>
    private static SubmissionBatch FirstWithTasks(ConnectRequest request)
    {
        var at = 0;
        while (request.Submissions[at].Tags.Count == 0) at++;
        return request.Submissions[at];
    }

    private async Task SubmitAsync(ConnectRequest request, CancellationToken cancellationToken)
    {
        var count = CountOf(request);
        var ofOnly = count == 1 ? FirstWithTasks(request) : null;
        using var activity = SubmitActivity.Start(count, ofOnly?.Task);
        var accepted = new List<TaskSubmission>(count);
        List<Refusal>? refused = null;
        foreach (var batch in request.Submissions) _reader.Read(batch, activity, accepted, ref refused);
        // Of many tasks some end later than others, and one message more costs them little.
        var mayWait = ofOnly is { AckMayWait: true };
        var ask = new SubmitAsk(this, accepted, refused, mayWait);
        if (accepted.Count == 0)
        {
            ask.Acknowledge([]);
            return;
        }

        await _broker.PostAsync(id => new Command.SubmitTasks(id, _scope.Id, accepted), ask, cancellationToken);
    }

    private async Task WatchAsync(ConnectRequest request, CancellationToken cancellationToken)
    {
        var waiting = _outbox.UncountedCount + request.WatchTaskIds.Count;
        if (waiting > _options.Limits.WatchesPerSessionMax)
        {
            throw RpcErrors.ToException(new Rejection(
                RejectionReason.LimitReached,
                $"The stream watches {waiting} tasks whose outcomes it has not taken, more than " +
                $"{_options.Limits.WatchesPerSessionMax}. Grant outcome_credits and read before you watch more.",
                "watch_task_ids",
                "watches_per_session_max"));
        }

        var tasks = ToIds(request.WatchTaskIds);
        await _broker.PostAsync(
            id => new Command.WatchTasks(id, _scope.Id, tasks, EveryChange: false),
            new WatchAsk(this),
            cancellationToken);
    }

    private async Task CancelAsync(CancelTaskRequest request, CancellationToken cancellationToken)
    {
        var check = new FieldCheck("cancels.");
        var grace = check.Duration(request.Grace, "grace");
        var task = check.Task(request.TaskId, "task_id");
        if (check.Rejection is { } rejection)
        {
            Refuse(task, rejection);
            return;
        }

        await _broker.PostAsync(
            id => new Command.CancelTask(id, task, request.Reason, grace),
            new CancelAsk(this, task),
            cancellationToken);
    }

    private void Refuse(TaskId task, Rejection rejection) =>
        _outbox.Add(
            new StreamError { TaskId = task.Value, Error = RpcErrors.ToStatus(rejection) }, rejection.Message.Length);

    private static TaskId[] ToIds(RepeatedField<ulong> values)
    {
        var ids = new TaskId[values.Count];
        for (var i = 0; i < ids.Length; i++) ids[i] = new TaskId(values[i]);
        return ids;
    }

    private sealed class SubmitAsk(
        ClientSession session, List<TaskSubmission> accepted, List<Refusal>? refused, bool mayWait) : Ask
    {
        /// <summary>Two numbers, packed.</summary>
        private const int NumbersBytes = 16;

        private readonly List<SubmitResult> _new = new(accepted.Count);
        private int _done;

        public override void Complete(Response response)
        {
            switch (response)
            {
                case Response.Submitted submitted:
                    Acknowledge(submitted.Results);
                    break;
                case Response.Rejected rejected:
                    var rejection = rejected.Rejection;
                    Acknowledge(accepted.ConvertAll(task => new SubmitResult(task.Tag, default, false, rejection)));
                    break;
                default:
                    throw new InvalidOperationException(
                        $"The broker answered a submit with {response.GetType().Name}.");
            }
        }

        /// <summary>
        /// New tasks together; acks of all others in the order of the submissions, those refused at the edge in their
        /// places among the others.
        /// </summary>
        public void Acknowledge(IReadOnlyList<SubmitResult> results)
        {
            var (next, index) = (0, 0);
            foreach (var refusal in refused ?? [])
            {
                for (; index < refusal.Index; index++) Acknowledge(results, next++);
                index++;
                var ack = new SubmitAck { Tag = refusal.Tag, Error = refusal.Error };
                session._outbox.Add(ack, refusal.Error.Message.Length, givesBack: 1);
            }

            while (next < results.Count) Acknowledge(results, next++);
            if (_new.Count == 0) return;
            if (mayWait) session.AddLate(_new, _new.Count * NumbersBytes, _done);
            else session._outbox.Add(_new, _new.Count * NumbersBytes, _done);
        }

        public override void Fail(Exception exception)
        {
            // The loop has stopped, and the call ends with it.
        }

        private void Acknowledge(IReadOnlyList<SubmitResult> results, int next)
        {
            var result = results[next];
            var isLastWord = result.Rejection is not null || !accepted[next].WantsOutcome;
            if (result.Rejection is null && !result.Deduplicated)
            {
                _new.Add(result);
                if (isLastWord) _done++;
                return;
            }

            session._outbox.Add(ProtoMapping.ToAck(result), 0, isLastWord ? 1 : 0);
        }
    }

    private sealed class WatchAsk(ClientSession session) : Ask
    {
        public override void Complete(Response response)
        {
            if (response is not Response.Watched watched) return;
            foreach (var (task, rejection) in watched.Refused) session.Refuse(task, rejection);
        }

        public override void Fail(Exception exception)
        {
            // The loop has stopped, and the call ends with it.
        }
    }

    private sealed class CancelAsk(ClientSession session, TaskId task) : Ask
    {
        public override void Complete(Response response)
        {
            if (response is Response.Rejected rejected) session.Refuse(task, rejected.Rejection);
        }

        public override void Fail(Exception exception)
        {
            // The loop has stopped, and the call ends with it.
        }
    }
}
