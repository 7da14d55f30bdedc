using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Queued.Protocol.V1;
using RpcStatus = Google.Rpc.Status;

namespace Queued.Client.Tests;

/// <summary>
/// The daemon's end of a client's stream, on a real socket, played by the test: it says what the test tells it to, and
/// keeps what the client says.
/// </summary>
internal sealed class ScriptedDaemon : TaskService.TaskServiceBase, IAsyncDisposable
{
    private readonly Channel<ScriptedStream> _streams = Channel.CreateUnbounded<ScriptedStream>();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-client-");
    private WebApplication? _server;

    public string SocketPath => Path.Combine(_directory.FullName, "d.sock");

    public string Address => "unix:" + SocketPath;

    /// <summary>The answer to GetTask.</summary>
    public Func<GetTaskRequest, Protocol.V1.TaskInfo> OnGetTask { get; set; } = _ =>
        throw new InvalidOperationException("Not scripted.");

    /// <summary>Where it says that segments are. Empty: nowhere.</summary>
    public string SegmentDirectory { get; set; } = "";

    /// <summary>The answer to ListTasks.</summary>
    public Func<ListTasksRequest, ListTasksResponse> OnListTasks { get; set; } = _ => new ListTasksResponse();

    public static async Task<ScriptedDaemon> StartAsync()
    {
        var daemon = new ScriptedDaemon();
        await daemon.ListenAsync();
        return daemon;
    }

    public QueuedClient Connect(
        TimeSpan? timeout = null, TimeSpan? reconnectTimeout = null, TimeProvider? clock = null) =>
        new(
            new QueuedClientOptions
            {
                Address = Address,
                DefaultTimeout = timeout ?? TimeSpan.FromSeconds(30),
                ReconnectTimeout = reconnectTimeout ?? TimeSpan.FromSeconds(30),
            },
            clock ?? TimeProvider.System);

    public async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.ListenUnixSocket(SocketPath, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = null);
        builder.Services.AddSingleton(this);
        _server = builder.Build();
        _server.MapGrpcService<ScriptedDaemon>();
        await _server.StartAsync();
    }

    /// <summary>The next stream that a client opens, with its first message.</summary>
    public async Task<ScriptedStream> AcceptAsync(uint credits = 8192, ulong payloadBytesMax = 0)
    {
        var stream = await _streams.Reader.ReadAsync().AsTask().WaitAsync(ScriptedStream.Patience);
        await stream.Until(() => stream.Requests.Count > 0, "a first message");
        await stream.SendAsync(new ConnectResponse
        {
            SubmitCredits = credits,
            PayloadBytesMax = payloadBytesMax,
            MessageBytesMax = 4 * payloadBytesMax,
            SegmentDirectory = SegmentDirectory,
            SessionId = "session",
        });
        return stream;
    }

    public override async Task Connect(
        IAsyncStreamReader<ConnectRequest> requestStream,
        IServerStreamWriter<ConnectResponse> responseStream,
        ServerCallContext context)
    {
        var stream = new ScriptedStream(responseStream);
        await _streams.Writer.WriteAsync(stream);
        await stream.PlayAsync(requestStream, context.CancellationToken);
    }

    public override Task<GetTaskResponse> GetTask(GetTaskRequest request, ServerCallContext context) =>
        Task.FromResult(new GetTaskResponse { Task = OnGetTask(request) });

    public override Task<ListTasksResponse> ListTasks(ListTasksRequest request, ServerCallContext context) =>
        Task.FromResult(OnListTasks(request));

    /// <summary>An error as the daemon's edge makes it.</summary>
    public static RpcStatus Error(string reason, string message, string? field = null, TimeSpan? retryAfter = null)
    {
        var info = new ErrorInfo { Domain = "queued", Reason = reason };
        var status = new RpcStatus { Code = (int)Code.InvalidArgument, Message = message };
        if (field is not null)
        {
            info.Metadata.Add("field", field);
            var violation = new BadRequest.Types.FieldViolation { Field = field, Description = message };
            status.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violation } }));
        }

        status.Details.Add(Any.Pack(info));
        if (retryAfter is { } delay)
            status.Details.Add(Any.Pack(new RetryInfo { RetryDelay = Duration.FromTimeSpan(delay) }));
        return status;
    }

    /// <summary>Goes away without a word, as a killed daemon does.</summary>
    public async Task DieAsync()
    {
        if (_server is null)
            return;
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
        _server = null;
        File.Delete(SocketPath);
    }

    public async ValueTask DisposeAsync()
    {
        await DieAsync();
        _directory.Delete(recursive: true);
    }
}
