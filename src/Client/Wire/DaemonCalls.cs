using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using Queued.Client.Streams;
using Queued.Protocol.V1;
using Queued.Worker.Connection;

namespace Queued.Client.Wire;

/// <summary>
/// The channel to the daemon and its unary calls: each with a deadline, each error as one of our exceptions.
/// </summary>
internal sealed class DaemonCalls : IDisposable
{
    private const int PageSize = 1000;

    // A daemon that is stopped in its tracks keeps its socket open; without an answer for this long it counts as gone.
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(20);
    private readonly GrpcChannel _channel;
    private readonly TimeSpan _timeout;

    /// <param name="options">Of the client.</param>
    /// <param name="calls">How its calls go. Null: to its address.</param>
    public DaemonCalls(QueuedClientOptions options, CallInvoker? calls = null)
    {
        Address = options.Address is { } address
            ? DaemonAddress.Parse(address)
            : DaemonAddress.FromEnvironment(Environment.GetEnvironmentVariable);
        _timeout = options.DefaultTimeout;
        _channel = DaemonChannel.Open(Address, pingDelay: PingDelay);
        calls ??= DaemonChannel.Invoker(_channel, Address, PingDelay);
        Tasks = new TaskService.TaskServiceClient(calls);
        Queues = new QueueService.QueueServiceClient(calls);
        Pools = new PoolService.PoolServiceClient(calls);
        Sessions = new SessionService.SessionServiceClient(calls);
        Messages = new MessageService.MessageServiceClient(calls);
        Pipes = new PipeService.PipeServiceClient(calls);
        States = new StateService.StateServiceClient(calls);
        Memory = new MemoryService.MemoryServiceClient(calls);
        Daemon = new DaemonService.DaemonServiceClient(calls);
    }

    public DaemonAddress Address { get; }

    public GrpcChannel Channel => _channel;

    public TaskService.TaskServiceClient Tasks { get; }

    public QueueService.QueueServiceClient Queues { get; }

    public PoolService.PoolServiceClient Pools { get; }

    public SessionService.SessionServiceClient Sessions { get; }

    public MessageService.MessageServiceClient Messages { get; }

    public PipeService.PipeServiceClient Pipes { get; }

    public StateService.StateServiceClient States { get; }

    public MemoryService.MemoryServiceClient Memory { get; }

    public DaemonService.DaemonServiceClient Daemon { get; }

    public async Task<TResponse> CallAsync<TRequest, TResponse>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method,
        TRequest request,
        CancellationToken cancellationToken)
    {
        try
        {
            using var call = method(
                request, new CallOptions(deadline: DateTime.UtcNow + _timeout, cancellationToken: cancellationToken));
            return await call.ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            throw Translate(exception, cancellationToken);
        }
    }

    public async Task<T> CallAsync<TRequest, TResponse, T>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method,
        TRequest request,
        Func<TResponse, T> read,
        CancellationToken cancellationToken) =>
        read(await CallAsync(method, request, cancellationToken).ConfigureAwait(false));

    /// <summary>All items of a list, a page at a time.</summary>
    public async IAsyncEnumerable<TItem> ListAsync<TRequest, TResponse, TItem>(
        Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method,
        Func<int, string, TRequest> request,
        Func<TResponse, (IEnumerable<TItem> Items, string NextPageToken)> read,
        [EnumeratorCancellation] CancellationToken cancellationToken,
        int pageSize = PageSize)
    {
        var token = "";
        do
        {
            var response = await CallAsync(method, request(pageSize, token), cancellationToken).ConfigureAwait(false);
            var page = read(response);
            foreach (var item in page.Items)
                yield return item;
            token = page.NextPageToken;
        }
        while (token.Length > 0);
    }

    /// <summary>What a server stream sends. It has no deadline: it lasts as long as what it follows.</summary>
    public async IAsyncEnumerable<TResponse> StreamAsync<TRequest, TResponse>(
        Func<TRequest, CallOptions, AsyncServerStreamingCall<TResponse>> method,
        TRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = method(request, new CallOptions(cancellationToken: cancellationToken));
        while (await MoveNextAsync(call.ResponseStream, cancellationToken).ConfigureAwait(false))
            yield return call.ResponseStream.Current;
    }

    public Exception Translate(RpcException exception, CancellationToken cancellationToken) =>
        exception.StatusCode == StatusCode.Cancelled && cancellationToken.IsCancellationRequested
            ? new OperationCanceledException("The call was cancelled.", exception, cancellationToken)
            : ErrorMapping.FromRpc(exception, Address.ToString());

    public void Dispose() => _channel.Dispose();

    private async Task<bool> MoveNextAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellationToken)
    {
        try
        {
            return await WaitScope.RunAsync(
                stream.MoveNext(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            throw Translate(exception, cancellationToken);
        }
    }
}
