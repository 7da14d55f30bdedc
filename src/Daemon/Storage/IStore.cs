using Queued.Broker;

namespace Queued.Daemon.Storage;

/// <summary>Keeps what a restart needs. Changes arrive in order, those of one turn together.</summary>
internal interface IStore
{
    /// <summary>
    /// Completes when the changes cannot be lost any more, or, without <paramref name="mustFlush"/>, when they are
    /// handed over. A failure ends the daemon: nothing it had to say is said.
    /// </summary>
    ValueTask AppendAsync(IReadOnlyList<Change> changes, bool mustFlush);
}
