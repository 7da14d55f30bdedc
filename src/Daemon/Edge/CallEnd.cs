using Grpc.Core;

namespace Queued.Daemon.Edge;

/// <summary>
/// Ends long calls from inside: when the daemon stops, so that callers hear of it instead of losing the connection, or
/// when somebody else decides it.
/// </summary>
internal sealed class CallEnd : IDisposable
{
    private readonly ServerCallContext _context;
    private readonly CancellationTokenSource _source;
    private RpcException? _reason;

    public CallEnd(ServerCallContext context, OpenCalls calls)
    {
        _context = context;
        calls.Add(context);
        _source = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, calls.Ending);
        Token = _source.Token;
    }

    public CancellationToken Token { get; }

    /// <inheritdoc cref="Callers.IsLocal"/>
    public bool IsLocal => _context.IsLocal();

    public void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has ended before it could be ended.
        }
    }

    /// <summary>Ends the call with this status. The first one counts.</summary>
    public void Fail(RpcException reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        Cancel();
    }

    /// <summary>Why the token was cancelled, as the call's status.</summary>
    public RpcException Reason()
    {
        if (Volatile.Read(ref _reason) is { } reason) return reason;
        return _context.CancellationToken.IsCancellationRequested
            ? new RpcException(new Status(StatusCode.Cancelled, "The call was cancelled, or its deadline is over."))
            : RpcErrors.Draining();
    }

    public void Dispose() => _source.Dispose();
}
