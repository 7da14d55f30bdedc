using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Queued.Protocol.V1;

namespace Queued.Worker.Tests;

/// <summary>
/// The daemon's end of the worker stream, on a real socket, played by the test: it says what the test tells it to,
/// and keeps what the worker says.
/// </summary>
internal sealed class ScriptedDaemon : WorkerService.WorkerServiceBase, IAsyncDisposable
{
    private readonly Channel<ScriptedStream> _streams = Channel.CreateUnbounded<ScriptedStream>();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-worker-");
    private WebApplication? _server;

    public string SocketPath => Path.Combine(_directory.FullName, "d.sock");

    public string Address => "unix:" + SocketPath;

    public static async Task<ScriptedDaemon> StartAsync()
    {
        var daemon = new ScriptedDaemon();
        await daemon.ListenAsync();
        return daemon;
    }

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

    /// <summary>The next stream that a worker opens, with its hello.</summary>
    public async Task<ScriptedStream> AcceptAsync()
    {
        var stream = await _streams.Reader.ReadAsync().AsTask().WaitAsync(ScriptedStream.Patience);
        await stream.Until(() => stream.Requests.Count > 0, "a hello");
        return stream;
    }

    public override async Task Work(
        IAsyncStreamReader<WorkRequest> requestStream,
        IServerStreamWriter<WorkResponse> responseStream,
        ServerCallContext context)
    {
        var stream = new ScriptedStream(responseStream);
        await _streams.Writer.WriteAsync(stream);
        await stream.PlayAsync(requestStream, context.CancellationToken);
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
