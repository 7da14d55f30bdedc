using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>A client's session, a message at a time.</summary>
internal sealed class TestSession : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly AsyncDuplexStreamingCall<OpenSessionRequest, OpenSessionResponse> _call;
    private readonly Queue<SessionResult> _results = new();

    private TestSession(AsyncDuplexStreamingCall<OpenSessionRequest, OpenSessionResponse> call) => _call = call;

    public OpenSessionResponse Welcome { get; private set; } = new();

    public string Id => Welcome.SessionId;

    public int Credits { get; private set; }

    public static async Task<TestSession> OpenAsync(BrokerHost host, string name = "test")
    {
        var call = new SessionService.SessionServiceClient(host.Open()).OpenSession();
        var session = new TestSession(call);
        try
        {
            await call.RequestStream.WriteAsync(new OpenSessionRequest { ClientName = name });
            session.Welcome = await session.ReadAsync();
            return session;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    public async Task SendAsync(params SessionOperation[] operations)
    {
        Credits -= operations.Length;
        await _call.RequestStream.WriteAsync(new OpenSessionRequest { Operations = { operations } });
    }

    public async Task CancelAsync(params ulong[] tags) =>
        await _call.RequestStream.WriteAsync(new OpenSessionRequest { CancelTags = { tags } });

    /// <summary>Reads until it may send an operation.</summary>
    public async Task CreditAsync()
    {
        while (Credits == 0) await ReadAsync();
    }

    /// <summary>The next answer, whichever operation it is of.</summary>
    public async Task<SessionResult> ResultAsync()
    {
        while (_results.Count == 0) await ReadAsync();
        return _results.Dequeue();
    }

    /// <summary>One operation and its answer.</summary>
    public async Task<SessionResult> AskAsync(SessionOperation operation)
    {
        await SendAsync(operation);
        return await ResultAsync();
    }

    /// <summary>Ends the session as a client does that has no more to say.</summary>
    public async Task CloseAsync()
    {
        await _call.RequestStream.CompleteAsync();
        while (await _call.ResponseStream.MoveNext(CancellationToken.None)) Take(_call.ResponseStream.Current);
    }

    public ValueTask DisposeAsync()
    {
        _call.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<OpenSessionResponse> ReadAsync()
    {
        if (!await _call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Patience))
            throw new InvalidOperationException("The session has ended.");
        return Take(_call.ResponseStream.Current);
    }

    private OpenSessionResponse Take(OpenSessionResponse response)
    {
        Credits += (int)response.OperationCredits;
        foreach (var result in response.Results) _results.Enqueue(result);
        return response;
    }
}
