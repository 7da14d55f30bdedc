using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Edge;

/// <summary>The loop as services see it: what goes wrong comes out as the call's status.</summary>
internal sealed class BrokerGateway(BrokerLoop loop)
{
    private static readonly TimeSpan BusyRetryAfter = TimeSpan.FromMilliseconds(100);

    /// <param name="command">Makes the command.</param>
    /// <param name="cancellationToken">Ends the wait; the command is carried out all the same.</param>
    /// <param name="locate">Finds the field of a rejection in the request. Null: it has the same path there.</param>
    public async Task<TResponse> AskAsync<TResponse>(
        Func<RequestId, Command> command,
        CancellationToken cancellationToken,
        Func<Rejection, Rejection>? locate = null)
        where TResponse : Response
    {
        try
        {
            return await loop.AskAsync<TResponse>(command, cancellationToken);
        }
        catch (RejectedException rejected) when (locate is not null)
        {
            throw RpcErrors.ToException(locate(rejected.Rejection));
        }
        catch (Exception exception) when (ToRpc(exception) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Asks, or is refused where the inbox is full. See <see cref="BrokerLoop.Put"/>.</summary>
    public void Put(Func<RequestId, Command> command, Ask ask)
    {
        try
        {
            loop.Put(command, ask);
        }
        catch (Exception exception) when (ToRpc(exception) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Asks with room waited for.</summary>
    public async ValueTask PostAsync(Func<RequestId, Command> command, Ask ask, CancellationToken cancellationToken)
    {
        try
        {
            await loop.PostAsync(command, ask, cancellationToken);
        }
        catch (Exception exception) when (ToRpc(exception) is { } error)
        {
            throw error;
        }
    }

    /// <inheritdoc cref="BrokerLoop.Number"/>
    public RequestId Number(Ask ask) => loop.Number(ask);

    /// <summary>Asks for all that came together, with room waited for.</summary>
    public async ValueTask PostAsync(IReadOnlyList<Inbound> batch, CancellationToken cancellationToken)
    {
        try
        {
            await loop.PostAsync(batch, cancellationToken);
        }
        catch (Exception exception) when (ToRpc(exception) is { } error)
        {
            throw error;
        }
    }

    public async ValueTask TellAsync(Command command, CancellationToken cancellationToken)
    {
        try
        {
            await loop.TellAsync(command, cancellationToken);
        }
        catch (Exception exception) when (ToRpc(exception) is { } error)
        {
            throw error;
        }
    }

    /// <summary>Says what ends at the end of a call, when a stopped loop has nobody left who must hear it.</summary>
    public async ValueTask TellEndAsync(Command command)
    {
        try
        {
            await loop.TellAsync(command, CancellationToken.None);
        }
        catch (BrokerStoppedException)
        {
            // With the loop all of its sessions and workers have ended.
        }
    }

    public static RpcException? ToRpc(Exception exception) => exception switch
    {
        RejectedException rejected => RpcErrors.ToException(rejected.Rejection),
        BrokerBusyException busy => RpcErrors.Create(
            RpcErrors.DaemonBusy, busy.Message, resource: "inbox_max", retryAfter: BusyRetryAfter),
        BrokerStoppedException => RpcErrors.Draining(),
        _ => null,
    };
}
