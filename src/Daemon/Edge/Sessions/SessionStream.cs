using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;
using Command = Queued.Broker.Command;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Daemon.Edge;

/// <summary>
/// One session's stream. Operations go to the core in their order, and their answers leave in batches, in the order in
/// which they became known. An operation holds its credit until its answer is written; where none is wanted, until it
/// has succeeded; and where the core waits for something, until it begins to, so that what would end the wait can be
/// sent. So a client that does not read can make no more work than its window, and what may wait in one session.
/// </summary>
internal sealed class SessionStream : ITaskListener, IOutboxFormat<OpenSessionResponse>, IAsyncDisposable
{
    private const int ClientNameLengthMax = 128;

    /// <summary>In the outbox: credits wait that no answer carries.</summary>
    private static readonly SessionResult CreditsAlone = new();

    private readonly BrokerGateway _broker;
    private readonly SessionRegistry _sessions;
    private readonly BrokerLoopOptions _options;
    private readonly SessionScope _scope;
    private readonly Outbox<OpenSessionResponse> _outbox;
    private readonly ConcurrentDictionary<ulong, RequestId> _open = new();
    private MemoryOperations? _memory;
    private List<Inbound> _batch = [];
    private int _credits;
    private int _uncarriedCredits;

    public SessionStream(BrokerGateway broker, SessionRegistry sessions, BrokerLoopOptions options)
    {
        _broker = broker;
        _sessions = sessions;
        _options = options;
        _credits = options.OperationWindow;
        _outbox = new Outbox<OpenSessionResponse>(this);
        _scope = new SessionScope(broker, sessions, this);
    }

    /// <summary>Most sessions never ask for memory.</summary>
    public MemoryOperations Memory => _memory ??= new MemoryOperations(_options.Segments.Directory);

    public async Task RunAsync(
        IAsyncStreamReader<OpenSessionRequest> requests,
        IServerStreamWriter<OpenSessionResponse> responses,
        CallEnd end)
    {
        if (!await FirstAsync(requests, end)) return;

        var first = requests.Current;
        await _broker.TellAsync(new Command.OpenSession(_scope.Id, Name(first.ClientName)), end.Token);
        await responses.WriteAsync(
            new OpenSessionResponse
            {
                SessionId = _sessions.NameOf(_scope.Id),
                OperationCredits = (uint)_credits,
                PayloadBytesMax = (ulong)_options.Limits.PayloadBytesMax,
                MessageBytesMax = (ulong)_options.MessageBytesMax,
            },
            end.Token);
        await TakeAsync(first, end.Token);
        await DuplexCall.RunAsync(requests, TakeAsync, _outbox, responses, end);
    }

    public void Finished(Effect.TaskFinished finished) =>
        throw new InvalidOperationException("A session submits no tasks.");

    public OpenSessionResponse Create() => new();

    public void Append(OpenSessionResponse message, object entry)
    {
        if (!ReferenceEquals(entry, CreditsAlone)) message.Results.Add((SessionResult)entry);
    }

    public void Seal(OpenSessionResponse message, int entries)
    {
        var credits = entries + Interlocked.Exchange(ref _uncarriedCredits, 0);
        if (credits == 0) return;
        Interlocked.Add(ref _credits, credits);
        message.OperationCredits = (uint)credits;
    }

    public ValueTask DisposeAsync() => _scope.DisposeAsync();

    /// <summary>An operation of the message that is being read; for <see cref="SessionOperations"/>.</summary>
    public void Start<TRequest, TResult>(
        ulong tag, Operation<TRequest, TResult> operation, TRequest request, Action<SessionResult, TResult> set)
        where TResult : IMessage
    {
        var pipeEnd = tag == 0 ? operation.PipeEndOf?.Invoke(request) ?? 0 : 0;
        var ask = new OperationAsk<TRequest, TResult>(this, tag, pipeEnd, operation, set);
        try
        {
            _batch.Add(new Inbound(Begin(tag, operation, request, _broker.Number(ask)), ask));
        }
        catch (RpcException exception) when (exception.GetRpcStatus() is { } status)
        {
            Refuse(tag, status, pipeEnd);
        }
    }

    /// <summary>Answers an operation that was not carried out.</summary>
    public void Refuse(ulong tag, RpcStatus status, ulong pipeEnd = 0, int givesBack = 1) => _outbox.Add(
        new SessionResult { Tag = tag, PipeEndId = pipeEnd, Error = status }, status.Message.Length, givesBack);

    private async Task TakeAsync(OpenSessionRequest request, CancellationToken cancellationToken)
    {
        var left = Interlocked.Add(ref _credits, -request.Operations.Count);
        if (left < 0)
        {
            throw RpcErrors.ToException(new Rejection(
                RejectionReason.LimitReached,
                $"The message has {request.Operations.Count} operations, {-left} more than the session's " +
                "operation_credits allow. Wait for operation_credits in the daemon's messages.",
                "operations",
                "operation_credits"));
        }

        foreach (var operation in request.Operations) SessionOperations.Start(this, operation);
        if (_batch.Count > 0)
        {
            // The loop keeps the list.
            var batch = _batch;
            _batch = [];
            await _broker.PostAsync(batch, cancellationToken);
        }

        foreach (var tag in request.CancelTags)
        {
            if (_open.TryGetValue(tag, out var waiting))
                await _broker.TellAsync(new Command.CancelWait(waiting), cancellationToken);
        }

        await _outbox.WaitForRoomAsync(cancellationToken);
    }

    private Command Begin<TRequest, TResult>(
        ulong tag, Operation<TRequest, TResult> operation, TRequest request, RequestId id)
    {
        var command = operation.ToCommand(request, new OperationScope(id, _scope.Id, true, IsOnStream: true, _options));
        if (tag != 0 && !_open.TryAdd(tag, id))
        {
            throw RpcErrors.InvalidCall(
                "operations.tag", $"The tag {tag} is that of an operation that has no answer yet. Use another.");
        }

        return command;
    }

    /// <summary>
    /// Gives one back without an answer: with the next message, or alone where the client may be short of them.
    /// </summary>
    private void GiveCreditBack()
    {
        if (Interlocked.Increment(ref _uncarriedCredits) == _options.OperationWindow / 4)
            _outbox.Add(CreditsAlone, 0);
    }

    private static async Task<bool> FirstAsync(IAsyncStreamReader<OpenSessionRequest> requests, CallEnd end)
    {
        try
        {
            return await requests.MoveNext(end.Token);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException && end.Token.IsCancellationRequested)
        {
            throw end.Reason();
        }
    }

    private string Name(string given) => given.Length switch
    {
        0 => _scope.Id.ToString(),
        > ClientNameLengthMax => given[..ClientNameLengthMax],
        _ => given,
    };

    private sealed class OperationAsk<TRequest, TResult>(
        SessionStream stream,
        ulong tag,
        ulong pipeEnd,
        Operation<TRequest, TResult> operation,
        Action<SessionResult, TResult> set) : Ask
        where TResult : IMessage
    {
        private int _credits = 1;

        public override void Wait()
        {
            _credits = 0;
            stream.GiveCreditBack();
        }

        public override void Complete(Response response)
        {
            stream._open.TryRemove(tag, out _);
            if (response is Response.Rejected rejected)
            {
                var rejection = operation.Locate?.Invoke(rejected.Rejection) ?? rejected.Rejection;
                stream.Refuse(tag, RpcErrors.ToStatus(rejection), pipeEnd, _credits);
                return;
            }

            if (tag == 0)
            {
                if (_credits > 0) stream.GiveCreditBack();
                return;
            }

            var (result, value) = (new SessionResult { Tag = tag }, operation.ToResult(response));
            set(result, value);
            stream._outbox.Add(result, operation.AboutBytes?.Invoke(value) ?? result.CalculateSize(), _credits);
        }

        public override void Fail(Exception exception)
        {
            // The loop has stopped, and the call ends with it.
        }
    }
}
