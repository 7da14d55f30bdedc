using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Queued.Worker.Tests;

public sealed class HostTests : IAsyncLifetime
{
    private ScriptedDaemon _daemon = null!;

    public async Task InitializeAsync() => _daemon = await ScriptedDaemon.StartAsync();

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task A_handler_class_is_made_anew_for_each_attempt_in_its_own_scope()
    {
        var journal = new Journal();
        using var host = Build(services =>
        {
            services.AddSingleton(journal);
            services.AddScoped<Unit>();
            services.AddQueuedWorker(options => options.Address = _daemon.Address).AddHandler<Scoped>("scoped");
        });
        await host.StartAsync();
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync(slots: 2);
        await stream.AssignAsync("scoped", (1, "5"), (2, "6"));

        Assert.Equal("6", (await stream.SettlementAsync(1)).Succeeded.Data.ToStringUtf8());
        Assert.Equal("7", (await stream.SettlementAsync(2)).Succeeded.Data.ToStringUtf8());
        Assert.Equal(2, journal.Units.Distinct().Count());
        Assert.All(journal.Units, unit => Assert.True(unit.IsDisposed));
        await host.StopAsync();
    }

    [Fact]
    public async Task Delegates_are_handlers_too()
    {
        using var host = Build(services => services
            .AddQueuedWorker(options => options.Address = _daemon.Address)
            .AddHandler("square", (int x) => x * x)
            .AddHandler("later", async (int x, TaskContext _) =>
            {
                await Task.Yield();
                return x + 1;
            })
            .AddRawHandler("echo", (payload, _) => Task.FromResult(payload)));
        await host.StartAsync();
        var stream = await _daemon.AcceptAsync();
        Assert.Equal(["echo", "later", "square"], stream.Hello.Handlers);
        await stream.WelcomeAsync(slots: 3);
        await stream.AssignAsync("square", (1, "3"));
        await stream.AssignAsync("later", (2, "3"));
        await stream.AssignAsync("echo", (3, "3"));

        Assert.Equal("9", (await stream.SettlementAsync(1)).Succeeded.Data.ToStringUtf8());
        Assert.Equal("4", (await stream.SettlementAsync(2)).Succeeded.Data.ToStringUtf8());
        Assert.Equal("3", (await stream.SettlementAsync(3)).Succeeded.Data.ToStringUtf8());
        await host.StopAsync();
        Assert.True(stream.IsHalfClosed);
    }

    [Fact]
    public async Task A_drained_worker_stops_its_host()
    {
        using var host = Build(services => services
            .AddQueuedWorker(options => options.Address = _daemon.Address)
            .AddHandler("square", (int x) => x * x));
        await host.StartAsync();
        var stream = await _daemon.AcceptAsync();
        await stream.WelcomeAsync();
        await stream.DrainAsync();
        await host.WaitForShutdownAsync().WaitAsync(ScriptedStream.Patience);
    }

    [Fact]
    public void A_host_with_a_worker_without_handlers_does_not_start()
    {
        using var host = Build(services => services.AddQueuedWorker());
        Assert.Throws<InvalidOperationException>(() => host.Services.GetServices<IHostedService>().ToList());
    }

    [Fact]
    public void Mistakes_in_the_options_are_told_together()
    {
        var error = Assert.Throws<ArgumentException>(() => new ServiceCollection().AddQueuedWorker(options =>
        {
            options.Slots = -1;
            options.Queues.Add("no such name!");
            options.Address = "ftp://example.org";
            options.ShutdownGrace = TimeSpan.FromSeconds(-1);
        }));
        foreach (var name in (string[])["Slots", "Queues", "Address", "ShutdownGrace"])
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static IHost Build(Action<IServiceCollection> configure)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        configure(builder.Services);
        return builder.Build();
    }

    internal sealed class Journal
    {
        public ConcurrentQueue<Unit> Units { get; } = new();
    }

    internal sealed class Unit : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    internal sealed class Scoped(Journal journal, Unit unit) : ITaskHandler<int, int>
    {
        public Task<int> HandleAsync(int input, TaskContext context)
        {
            journal.Units.Enqueue(unit);
            return Task.FromResult(input + 1);
        }
    }
}
