using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Edge;

/// <summary>
/// A session for as long as one call lasts. However the call ends, the core then forgets what it watched.
/// </summary>
internal sealed class SessionScope : IAsyncDisposable
{
    private readonly BrokerGateway _broker;
    private readonly SessionRegistry _sessions;

    public SessionScope(BrokerGateway broker, SessionRegistry sessions, ITaskListener session)
    {
        _broker = broker;
        _sessions = sessions;
        Id = sessions.Open(session);
    }

    public SessionId Id { get; }

    public async ValueTask DisposeAsync()
    {
        _sessions.Close(Id);
        await _broker.TellEndAsync(new Command.EndSession(Id));
    }
}
