using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Client.Tests.Sessions;

/// <summary>
/// A session whose daemon takes every message at once, on the thread that writes it, answers nothing, and never runs
/// out of credits.
/// </summary>
internal sealed class InlineSession
    : CallInvoker, IClientStreamWriter<OpenSessionRequest>, IAsyncStreamReader<OpenSessionResponse>
{
    private readonly TaskCompletionSource<bool> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile int _lender;
    private volatile int _written;
    private bool _hasWelcomed;

    /// <summary>Called in the write of each message with operations.</summary>
    public Action<OpenSessionRequest>? Written { get; set; }

    /// <summary>Messages that the lender has written.</summary>
    public int CountOfLender { get; private set; }

    /// <summary>The thread is the lender's, and he has not got it back.</summary>
    public bool IsLent => Environment.CurrentManagedThreadId == _lender;

    public WriteOptions? WriteOptions { get; set; }

    public OpenSessionResponse Current { get; } =
        new() { SessionId = "s1", OperationCredits = 1_000_000, PayloadBytesMax = 1000 };

    /// <summary>
    /// Does something to be written on this thread, again and again until the writer waits for it, and so writes here.
    /// Once it has written what was there it soon waits.
    /// </summary>
    public void Lend(Action act, TimeSpan patience)
    {
        _lender = Environment.CurrentManagedThreadId;
        var isWritten = true;
        while (isWritten && CountOfLender == 0)
        {
            var written = _written;
            act();
            isWritten = SpinWait.SpinUntil(() => _written != written, patience);
        }

        _lender = 0;
        Assert.True(isWritten, "The writer writes nothing.");
    }

    public Task WriteAsync(OpenSessionRequest message)
    {
        if (message.Operations.Count == 0)
            return Task.CompletedTask;
        if (IsLent)
            CountOfLender++;
        Written?.Invoke(message);
        _written++;
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
}
