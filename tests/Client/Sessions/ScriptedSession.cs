using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Queued.Protocol.V1;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Client.Tests.Sessions;

/// <summary>
/// The daemon's end of one session, on a real socket, played by the test: it reads what the client asks for, a message
/// at a time, and answers what the test says.
/// </summary>
internal sealed class ScriptedSession : SessionService.SessionServiceBase, IAsyncDisposable
{
    public const long PayloadBytesMax = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-session-");
    private readonly Channel<OpenSessionRequest> _requests = Channel.CreateUnbounded<OpenSessionRequest>();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _credits;
    private IServerStreamWriter<OpenSessionResponse>? _responses;
    private WebApplication? _server;

    private string SocketPath => Path.Combine(_directory.FullName, "d.sock");

    public static async Task<ScriptedSession> StartAsync(uint credits)
    {
        var session = new ScriptedSession { _credits = credits };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(
            session.SocketPath, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(session);
        session._server = builder.Build();
        session._server.MapGrpcService<ScriptedSession>();
        await session._server.StartAsync();
        return session;
    }

    public QueuedClient Connect(TimeProvider? clock = null) => new(
        new QueuedClientOptions { Address = $"unix:{SocketPath}" }, clock ?? TimeProvider.System);

    public override async Task OpenSession(
        IAsyncStreamReader<OpenSessionRequest> requestStream,
        IServerStreamWriter<OpenSessionResponse> responseStream,
        ServerCallContext context)
    {
        _responses = responseStream;
        await requestStream.MoveNext(context.CancellationToken);
        await responseStream.WriteAsync(new OpenSessionResponse
        {
            SessionId = "s1",
            OperationCredits = _credits,
            PayloadBytesMax = PayloadBytesMax,
        });
        var reading = ReadAsync(requestStream, context.CancellationToken);
        await Task.WhenAny(reading, _end.Task);
    }

    /// <summary>The next message of the client.</summary>
    public Task<OpenSessionRequest> NextAsync() => _requests.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>Messages until so many operations have come.</summary>
    public async Task<List<SessionOperation>> OperationsAsync(int count)
    {
        var operations = new List<SessionOperation>();
        while (operations.Count < count) operations.AddRange((await NextAsync()).Operations);
        return operations;
    }

    /// <summary>Takes an end, and answers with it.</summary>
    public async Task<List<SessionOperation>> OpenPipeAsync(ulong end, ulong buffer, int receives = 4)
    {
        var open = Assert.Single((await NextAsync()).Operations);
        await AnswerAsync(new SessionResult
        {
            Tag = open.Tag,
            OpenPipe = new()
            {
                PipeEndId = end,
                Side = Protocol.V1.PipeSide.First,
                Mode = Protocol.V1.PipeMode.Duplex,
                BufferBytes = buffer,
            },
        });
        return await OperationsAsync(receives);
    }

    public Task AnswerAsync(params SessionResult[] results) => AnswerAsync((uint)results.Length, results);

    public Task AnswerAsync(uint credits, params SessionResult[] results) =>
        _responses!.WriteAsync(new OpenSessionResponse { Results = { results }, OperationCredits = credits });

    public Task SentAsync(SessionOperation send) =>
        AnswerAsync(new SessionResult { Tag = send.Tag, SendToPipe = new() { SentCount = 1 } });

    public Task ReceivedAsync(SessionOperation receive, bool end = false, params Payload[] messages) => AnswerAsync(
        new SessionResult { Tag = receive.Tag, ReceiveFromPipe = new() { Messages = { messages }, End = end } });

    /// <summary>What fails without a tag.</summary>
    public Task FailAsync(ulong end, RpcStatus error) =>
        AnswerAsync(new SessionResult { PipeEndId = end, Error = error });

    /// <summary>Ends the session.</summary>
    public void End() => _end.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        End();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server!.StopAsync(now.Token);
        await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task ReadAsync(IAsyncStreamReader<OpenSessionRequest> requests, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
                await _requests.Writer.WriteAsync(requests.Current, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The client has gone.
        }
    }
}
