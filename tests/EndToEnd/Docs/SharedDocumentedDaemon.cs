namespace Queued.EndToEnd.Tests.Docs;

/// <summary>One daemon for all tests of a class that share it in peace.</summary>
public sealed class SharedDocumentedDaemon : IAsyncLifetime
{
    internal DocumentedDaemon Daemon { get; private set; } = null!;

    public async Task InitializeAsync() => Daemon = await DocumentedDaemon.StartAsync();

    public async Task DisposeAsync() => await Daemon.DisposeAsync();
}
