using Grpc.Core;
using Queued.Client.Sessions;
using Queued.Client.Wire;
using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>Who brings an operation writes it, and not those of all others as well.</summary>
public sealed class LendingCallerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Who_brings_an_operation_has_his_thread_back_after_one_message()
    {
        var calls = new TalkativeCalls();
        using var daemon = new DaemonCalls(new QueuedClientOptions { Address = "unix:/nowhere/q.sock" }, calls);
        await using var connection = new SessionConnection(daemon, Patience, TimeProvider.System);
        calls.Connection = connection;

        // Until the writer waits when it comes.
        Assert.True(SpinWait.SpinUntil(() => calls.SendHere() > 0, Patience), "It is never written here.");

        Assert.Equal(1, calls.CountHere);
    }

    /// <summary>A session whose daemon takes all at once; with each message somebody brings one operation more.</summary>
    private sealed class TalkativeCalls
        : CallInvoker, IClientStreamWriter<OpenSessionRequest>, IAsyncStreamReader<OpenSessionResponse>
    {
        private const int MoreMax = 10;

        private readonly TaskCompletionSource<bool> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile int _thread;
        private int _more;
        private bool _hasWelcomed;

        public SessionConnection? Connection { get; set; }

        /// <summary>Messages that were written on the thread that has brought an operation, while it did.</summary>
        public int CountHere { get; private set; }

        public WriteOptions? WriteOptions { get; set; }

        public OpenSessionResponse Current { get; } =
            new() { SessionId = "s1", OperationCredits = 1_000_000, PayloadBytesMax = 1000 };

        public int SendHere()
        {
            (CountHere, _more) = (0, 0);
            _thread = Environment.CurrentManagedThreadId;
            Send();
            _thread = 0;
            return CountHere;
        }

        public Task WriteAsync(OpenSessionRequest message)
        {
            if (Environment.CurrentManagedThreadId == _thread)
                CountHere++;
            if (message.Operations.Count > 0 && _more++ < MoreMax)
                Send();
            return Task.CompletedTask;
        }

        public Task WriteAsync(OpenSessionRequest message, CancellationToken cancellationToken) => WriteAsync(message);

        public Task CompleteAsync()
        {
            _end.TrySetResult(false);
            return Task.CompletedTask;
        }

        public Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (_hasWelcomed)
                return _end.Task;
            _hasWelcomed = true;
            return Task.FromResult(true);
        }

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) => new(
            (IClientStreamWriter<TRequest>)(object)this,
            (IAsyncStreamReader<TResponse>)(object)this,
            Task.FromResult(Metadata.Empty),
            () => Status.DefaultSuccess,
            () => [],
            () => _end.TrySetResult(false));

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        private void Send() => Connection!.Send(
            new SessionOperation { LeaveQueue = new LeaveQueueRequest { Queue = "letters" } });
    }
}
