namespace Queued.EndToEnd.Tests.Faults;

/// <summary>One daemon for the tests of a class; each brings its own pool.</summary>
public sealed class SharedDaemon : IAsyncLifetime
{
    internal FaultDaemon Daemon { get; private set; } = null!;

    public async Task InitializeAsync() => Daemon = await FaultDaemon.StartAsync();

    public async Task DisposeAsync() => await Daemon.DisposeAsync();
}
