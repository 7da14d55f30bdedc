using System.Net;
using System.Net.Sockets;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Queued.Broker;
using Queued.Daemon.Edge;
using Queued.Daemon.Loop;
using Queued.Daemon.Storage;
using Queued.Daemon.Tests.Loop;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>The real loop, core and services on a real socket; only the processes are not there.</summary>
internal sealed class BrokerHost : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-edge-");
    private readonly List<GrpcChannel> _channels = [];
    private readonly WebApplication _app;

    private BrokerHost(BrokerLoopOptions options, TimeProvider? time, IStore? store)
    {
        Socket = Path.Combine(_directory.FullName, "q.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(Errors)
            .AddFilter(UndecodableRequests.LogCategory, LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(Socket, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        if (time is not null) builder.Services.AddSingleton(time);
        // By a function, so that its end is the host's.
        if (store is not null) builder.Services.AddSingleton(_ => store);
        builder.Services.AddSingleton<IWorkerProcesses>(Processes);
        builder.Services.AddBroker(options);
        _app = builder.Build();
        _app.MapBroker();
    }

    public static BrokerLimits SmallLimits { get; } = new()
    {
        PayloadBytesMax = 1024 * 1024,
        SubmitBatchMax = 100,
    };

    public string Socket { get; }

    public FakeProcesses Processes { get; } = new();

    /// <summary>What was logged as an error. Nothing is, unless a test expects it.</summary>
    public ErrorLog Errors { get; } = new();

    public IServiceProvider Services => _app.Services;

    public ICollection<EndpointDataSource> Routes => ((IEndpointRouteBuilder)_app).DataSources;

    public BrokerLoop Loop => Services.GetRequiredService<BrokerLoop>();

    public TaskService.TaskServiceClient Tasks => new(Open());

    public QueueService.QueueServiceClient Queues => new(Open());

    public PoolService.PoolServiceClient Pools => new(Open());

    public WorkerService.WorkerServiceClient Workers => new(Open());

    public DaemonService.DaemonServiceClient Daemon => new(Open());

    public static async Task<BrokerHost> StartAsync(
        BrokerLoopOptions? options = null, TimeProvider? time = null, IStore? store = null)
    {
        var host = new BrokerHost(options ?? new BrokerLoopOptions { Limits = SmallLimits }, time, store);
        await host._app.StartAsync();
        return host;
    }

    /// <summary>A connection of its own.</summary>
    public GrpcChannel Open()
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        return Keep(GrpcChannel.ForAddress("http://localhost", Options(handler)));
    }

    public GrpcChannel OpenTcp()
    {
        var addresses = Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var address = addresses.Single(address => address.Contains("127.0.0.1", StringComparison.Ordinal));
        return Keep(GrpcChannel.ForAddress(address, Options(new SocketsHttpHandler())));
    }

    public async Task StopAsync() => await _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels) channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _directory.Delete(recursive: true);
        Assert.Empty(Errors.Unexpected);
    }

    private static GrpcChannelOptions Options(SocketsHttpHandler handler) => new()
    {
        HttpHandler = handler,
        DisposeHttpClient = true,
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
    };

    private GrpcChannel Keep(GrpcChannel channel)
    {
        _channels.Add(channel);
        return channel;
    }
}
