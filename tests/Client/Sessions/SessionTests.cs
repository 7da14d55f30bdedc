namespace Queued.Client.Tests.Sessions;

/// <summary>A client, and the daemon's end of its session, which the test plays.</summary>
public abstract class SessionTests : IAsyncLifetime
{
    private ScriptedSession _daemon = null!;

    protected static TimeSpan Patience => TimeSpan.FromSeconds(20);

    protected QueuedClient Client { get; private set; } = null!;

    /// <summary>Null: time passes.</summary>
    private protected HeldClock? Clock { get; init; }

    /// <summary>How many operations it may send before it is given more.</summary>
    private protected uint Credits { get; init; } = 8192;

    private protected ScriptedSession Daemon => _daemon;

    public async Task InitializeAsync()
    {
        _daemon = await ScriptedSession.StartAsync(Credits);
        Client = _daemon.Connect(Clock);
    }

    public async Task DisposeAsync()
    {
        _daemon.End();
        await Client.DisposeAsync();
        await _daemon.DisposeAsync();
    }
}
