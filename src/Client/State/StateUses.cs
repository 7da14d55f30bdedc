using Queued.Client.Sessions;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// For how many handles one session uses which shared object: the daemon counts sessions, and all handles of a client
/// share its session.
/// </summary>
internal sealed class StateUses(SessionConnection connection)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _handles = new(StringComparer.Ordinal);

    /// <summary>One more handle uses the object. Completes when the daemon has agreed.</summary>
    public async Task BeginAsync(Proto.UseStateRequest request)
    {
        Task use;
        lock (_gate)
        {
            // Sent under the lock, so that the session leaves and uses it again in this order.
            _handles[request.Name] = _handles.GetValueOrDefault(request.Name) + 1;
            use = connection.CallAsync(
                new Proto.SessionOperation { UseState = request.Clone() }, CancellationToken.None);
        }

        try
        {
            await use.ConfigureAwait(false);
        }
        catch
        {
            await EndAsync(request.Name).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>One handle uses it no more; with the last one the session leaves it.</summary>
    public async Task EndAsync(string name)
    {
        Task leave;
        lock (_gate)
        {
            if (--_handles[name] > 0)
                return;
            _handles.Remove(name);
            leave = connection.CallAsync(
                new Proto.SessionOperation { LeaveState = new Proto.LeaveStateRequest { Name = name } },
                CancellationToken.None);
        }

        try
        {
            await leave.ConfigureAwait(false);
        }
        catch (QueuedException exception) when (exception is StateNotFoundException or SessionLostException
            || connection.IsLost)
        {
            // It was deleted, or all uses ended with the session.
        }
    }
}
