using Grpc.HealthCheck;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting.Systemd;
using Queued.Broker;
using Queued.Daemon.Edge;
using Queued.Daemon.Hosting.Configuration;
using Queued.Daemon.Loop;
using Queued.Daemon.Memory;
using Queued.Daemon.Storage;
using Queued.Daemon.Supervision;
using Queued.Daemon.Telemetry;

namespace Queued.Daemon.Hosting;

/// <summary>One run of the daemon: claims its directory and its socket, serves, and stops in stages.</summary>
internal sealed class DaemonHost(DaemonConfiguration configuration, bool isPrivate, ShutdownRequests requests)
{
    // What is still connected after the drain has had its time.
    private static readonly TimeSpan DisconnectTimeout = TimeSpan.FromSeconds(2);

    private const long StartBytesMax = 64 * 1024 * 1024;

    private readonly DaemonSection _settings = configuration.Daemon;

    /// <returns>The exit code of the process.</returns>
    /// <exception cref="StartupException">The daemon cannot start.</exception>
    public async Task<int> RunAsync()
    {
        if (isPrivate)
        {
            requests.ForceAtEndOfInput();
        }

        using var temporary = isPrivate && (_settings.Socket is null || _settings.DataDirectory is null)
            ? new PrivateDirectory()
            : null;
        using var data = DataDirectory.Open(
            _settings.DataDirectory ?? temporary?.DataPath ?? DataDirectory.DefaultPath());
        using var socketFile = SocketFile.Claim(
            _settings.Socket ?? temporary?.SocketPath ?? SocketFile.DefaultPath(), _settings.SocketMode, isPrivate);

        string[] addresses = _settings.Listen is { } listen
            ? [$"unix:{socketFile.Path}", $"http://{listen}"]
            : [$"unix:{socketFile.Path}"];
        await using var app = Build(data, socketFile, addresses);
        var logger = app.Services.GetRequiredService<ILogger<DaemonHost>>();
        if (OpenFiles.Wanted(OpenFiles.Count(), configuration.Workers) is var wanted && wanted > OpenFiles.Max)
        {
            logger.FewOpenFiles(OpenFiles.Max, configuration.Workers, wanted);
        }

        requests.HangUp += logger.HangUpIgnored;
        if (temporary is not null)
        {
            app.Services.GetRequiredService<Supervisor>().RemoveAtEnd(temporary.Path);
        }

        // Before anybody can connect, and look whether it can map what is there.
        var segments = app.Services.GetRequiredService<SegmentFiles>();
        segments.Start();
        await StartAsync(app);
        segments.Share();
        segments.Sweep();
        // The port 0 of the configuration has become a real one.
        Endpoints.Addresses(app.Services.GetRequiredService<IServer>(), socketFile).CopyTo(addresses, 0);
        var notifier = TakeNotifier();
        await Console.Out.WriteLineAsync($"queued {CommandLine.Version} ready on {string.Join(", ", addresses)}");
        notifier.Notify(ServiceState.Ready);
        logger.Ready(CommandLine.Version, string.Join(", ", addresses), data.Path);
        ForgetStart();

        await WaitForEndAsync(app.Lifetime);
        notifier.Notify(ServiceState.Stopping);
        return await StopAsync(app, logger);
    }

    /// <summary>
    /// What the start needed once is most of the memory of a daemon that has nothing to do yet. One that has taken up
    /// a long backlog has better things to do than to look through it.
    /// </summary>
    private static void ForgetStart()
    {
        if (GC.GetTotalMemory(forceFullCollection: false) < StartBytesMax)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    private WebApplication Build(DataDirectory data, SocketFile socketFile, string[] addresses)
    {
        // The empty builder: no appsettings.json of the directory we happen to be in, no ASPNETCORE_URLS.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "queued" });
        DaemonLogging.Configure(builder.Logging, _settings);
        Endpoints.Configure(builder, socketFile, _settings.Listen, configuration.Workers);
        builder.Services.AddSingleton<IHostLifetime, StagedLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = DisconnectTimeout);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<RouteOptions>(options => options.SuppressCheckForUnhandledSecurityMetadata = true);
        BrokerTelemetry.Add(builder, configuration.Telemetry);
        builder.Services.AddSingleton(new SupervisorOptions
        {
            SocketPath = socketFile.Path,
            InstanceId = Entropy.Hex(bytes: 8),
            ExecDirectory = configuration.Exec.Directory.Length == 0
                ? Environment.CurrentDirectory
                : configuration.Exec.Directory,
            DataDirectory = data.Path,
            ExecOutputBytesMax = configuration.ExecOutputBytesMax,
            DescriptorMax = OpenFiles.Max - OpenFiles.Spare,
        });
        AddStore(builder.Services, data);
        WebApplication? app = null;
        builder.Services.AddBroker(BrokerOptions(data, addresses) with
        {
            Segments = new SegmentOptions
            {
                SocketMode = _settings.SocketMode,
                GroupId = () => socketFile.GroupId,
                RemoveAtEnd = path => app!.Services.GetRequiredService<Supervisor>().RemoveAtEnd(path),
            },
        });
        if (socketFile.Streams is { } streams)
        {
            // Before Kestrel's, so that whoever finds that one finds this one too.
            builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<StreamListener>(
                provider, streams, provider.GetRequiredService<BrokerLoopOptions>().MessageBytesMax));
        }

        app = builder.Build();
        app.MapBroker();
        return app;
    }

    private StoreKind Store => _settings.Store ?? (isPrivate ? StoreKind.Memory : StoreKind.Sqlite);

    private void AddStore(IServiceCollection services, DataDirectory data)
    {
        if (Store == StoreKind.Memory) return;
        services.AddSingleton<IStore>(provider => SqliteStore.Open(
            StoreVerbs.Options(data.Path, configuration) with
            {
                ReadSegment = provider.GetRequiredService<SegmentFiles>().Read,
            },
            TimeProvider.System,
            provider.GetRequiredService<ILogger<SqliteStore>>()));
    }

    // What a queue of the configuration does not say, and what nobody declared, is for the daemon to decide.
    private QueueSettings WithDurability(QueueSettings settings) => settings.Durability != 0 ? settings : settings with
    {
        Durability = Store == StoreKind.Memory ? Durability.Memory : Durability.Fsync,
    };

    private BrokerLoopOptions BrokerOptions(DataDirectory data, string[] addresses) => new()
    {
        Limits = configuration.Limits,
        Queues = [.. configuration.Queues.Select(queue => new DeclaredQueue(queue.Key, WithDurability(queue.Value)))],
        Pools = [.. configuration.Pools.Values],
        ExecAllowedOverTcp = configuration.Exec.AllowOverTcp,
        ExecOutputBytesMax = configuration.ExecOutputBytesMax,
        LogBytesPerAttempt = (int)Math.Min(configuration.Logs.BytesPerAttempt, int.MaxValue),
        LogBytesTotal = configuration.Logs.BytesTotal,
        Version = CommandLine.Version,
        Endpoints = addresses,
        DataDirectory = data.Path,
        HasStore = Store != StoreKind.Memory,
    };

    private static async Task StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch (RejectedException e)
        {
            throw new StartupException(ExitCode.Configuration, $"the configuration was refused: {e.Rejection.Message}");
        }
    }

    // Workers must not find the address, or they could speak for us.
    private static SystemdNotifier TakeNotifier()
    {
        var notifier = new SystemdNotifier();
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        return notifier;
    }

    private async Task WaitForEndAsync(IHostApplicationLifetime lifetime)
    {
        using var registration = lifetime.ApplicationStopping.Register(() => requests.Ask("the daemon has failed"));
        await requests.Asked;
    }

    private async Task<int> StopAsync(WebApplication app, ILogger logger)
    {
        var loop = app.Services.GetRequiredService<BrokerLoop>();
        logger.Stopping(await requests.Asked);
        BrokerEndpoints.SetHealth(app.Services.GetRequiredService<HealthServiceImpl>(), isServing: false);
        if (!loop.HasFailed)
        {
            await new StagedShutdown(
                loop, requests, _settings.DrainTimeout, app.Services.GetRequiredService<ILogger<StagedShutdown>>())
                .RunAsync();
        }

        // What the disk has no room for by now will not be stored, and nobody was told that it is.
        var store = app.Services.GetRequiredService<IStore>();
        store.StopWaitingForRoom();
        await app.StopAsync();
        // The last commit may fail like any other, and its failure decides how the daemon ends.
        await loop.DisposeAsync();
        await store.DisposeAsync();
        logger.Stopped();
        return loop.Failure switch
        {
            null => ExitCode.Success,
            StoreFailedException failed => failed.ExitCode,
            _ => ExitCode.Internal,
        };
    }

    /// <summary>
    /// Signals are for <see cref="ShutdownRequests"/>; the framework's own lifetime would stop at once.
    /// </summary>
    private sealed class StagedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

internal static partial class DaemonHostLog
{
    [LoggerMessage(1, LogLevel.Information, "queued {Version} serves on {Endpoints}, data in {DataDirectory}")]
    public static partial void Ready(this ILogger logger, string version, string endpoints, string dataDirectory);

    [LoggerMessage(2, LogLevel.Information, "Stops: {Reason}")]
    public static partial void Stopping(this ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Information, "Has stopped")]
    public static partial void Stopped(this ILogger logger);

    [LoggerMessage(4, LogLevel.Warning,
        "SIGHUP is ignored: the configuration is read at the start alone, so restart to change it")]
    public static partial void HangUpIgnored(this ILogger logger);

    [LoggerMessage(5, LogLevel.Warning,
        "The limit of open files is {OpenFilesMax}, which is few for {Workers} workers: some may have to wait for " +
        "others, and connections may be refused. Raise it (LimitNOFILE, ulimit -n) to {Wanted}")]
    public static partial void FewOpenFiles(this ILogger logger, long openFilesMax, int workers, long wanted);
}
