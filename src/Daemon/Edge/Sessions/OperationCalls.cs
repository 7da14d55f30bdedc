using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Edge;

/// <summary>
/// Operations as unary calls. A call that names no session has one of its own, which ends with it; the end of a call
/// ends its wait, and what came too late for it is taken back.
/// </summary>
internal sealed class OperationCalls(
    BrokerGateway broker, SessionRegistry sessions, BrokerLoopOptions options, OpenCalls calls)
{
    public async Task<TResult> RunAsync<TRequest, TResult>(
        Operation<TRequest, TResult> operation, TRequest request, string sessionId, ServerCallContext context)
    {
        using var end = new CallEnd(context, calls);
        if (sessionId.Length > 0) return await AskAsync(operation, request, Find(sessionId), isLasting: true, end);

        await using var session = new SessionScope(broker, sessions, SilentListener.Instance);
        await broker.TellAsync(new Command.OpenSession(session.Id, ""), end.Token);
        return await AskAsync(operation, request, session.Id, isLasting: false, end);
    }

    /// <summary>For operations of no session.</summary>
    public Task<TResult> RunAsync<TRequest, TResult>(
        Operation<TRequest, TResult> operation, TRequest request, ServerCallContext context) =>
        RunAsync(operation, request, "", context);

    private async Task<TResult> AskAsync<TRequest, TResult>(
        Operation<TRequest, TResult> operation, TRequest request, SessionId session, bool isLasting, CallEnd end)
    {
        var ask = new AwaitedAsk<Response>();
        broker.Put(
            id => operation.ToCommand(request, new OperationScope(id, session, isLasting, IsOnStream: false, options)),
            ask);
        await ((Task)ask.Task).WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ask.Task.IsCompleted)
        {
            // The core answers every request: at once now, if it waited.
            await broker.TellEndAsync(new Command.CancelWait(ask.Request));
            await TakeBackAsync(operation, ask, session);
            throw end.Reason();
        }

        var response = await Answer(ask);
        if (response is not Response.Rejected rejected) return operation.ToResult(response);
        throw RpcErrors.ToException(operation.Locate?.Invoke(rejected.Rejection) ?? rejected.Rejection);
    }

    private SessionId Find(string name)
    {
        try
        {
            return sessions.Named(name);
        }
        catch (RejectedException exception)
        {
            throw RpcErrors.ToException(exception.Rejection);
        }
    }

    private async Task TakeBackAsync<TRequest, TResult>(
        Operation<TRequest, TResult> operation, AwaitedAsk<Response> ask, SessionId session)
    {
        var late = await Answer(ask);
        if (late is Response.Rejected || operation.Undo is not { } undo) return;
        if (undo(late, session) is { } command) await broker.TellEndAsync(command);
    }

    private static async Task<Response> Answer(AwaitedAsk<Response> ask)
    {
        try
        {
            return await ask.Task;
        }
        catch (BrokerStoppedException)
        {
            throw RpcErrors.Draining();
        }
    }

    /// <summary>A session that only holds and waits hears of no tasks.</summary>
    private sealed class SilentListener : ITaskListener
    {
        public static readonly SilentListener Instance = new();

        public void Finished(Effect.TaskFinished finished) =>
            throw new InvalidOperationException("A session of one operation has no tasks.");
    }
}
