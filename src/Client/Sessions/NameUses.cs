using Proto = Queued.Protocol.V1;

namespace Queued.Client.Sessions;

/// <summary>
/// For how many handles one session uses which name: the daemon counts sessions, and all handles of a client share its
/// session.
/// </summary>
/// <param name="connection">The session.</param>
/// <param name="leave">Says that the session uses the name no more.</param>
internal sealed class NameUses(SessionConnection connection, Func<string, Proto.SessionOperation> leave)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _handles = new(StringComparer.Ordinal);

    /// <summary>One more handle uses the name. Completes when the daemon has agreed.</summary>
    /// <param name="name">The name.</param>
    /// <param name="use">Says that the session uses it.</param>
    public async Task BeginAsync(string name, Proto.SessionOperation use)
    {
        Task used;
        lock (_gate)
        {
            // Sent under the lock, so that the session leaves and uses it again in this order.
            _handles[name] = _handles.GetValueOrDefault(name) + 1;
            used = connection.CallAsync(use, CancellationToken.None);
        }

        try
        {
            await used.ConfigureAwait(false);
        }
        catch
        {
            // Where that is refused too, it is for the same reason, which is thrown here.
            await EndAsync(name).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>One handle uses it no more; with the last one the session leaves it.</summary>
    public async Task EndAsync(string name)
    {
        Task left;
        lock (_gate)
        {
            if (--_handles[name] > 0)
                return;
            _handles.Remove(name);
            left = connection.CallAsync(leave(name), CancellationToken.None);
        }

        try
        {
            await left.ConfigureAwait(false);
        }
        catch (QueuedException exception)
            when (exception is StateNotFoundException or QueueNotFoundException or SessionLostException
                || connection.IsLost)
        {
            // It was deleted, or all uses ended with the session.
        }
    }
}
