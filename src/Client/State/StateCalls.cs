using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>Shared objects over the daemon's calls.</summary>
internal sealed class StateCalls(DaemonCalls daemon) : IStates
{
    public IAsyncEnumerable<StateInfo> ListAsync(
        IReadOnlyCollection<StateKind>? kinds, CancellationToken cancellationToken) => daemon.ListAsync(
        daemon.States.ListStatesAsync,
        (size, token) => new Proto.ListStatesRequest
        {
            Kinds = { (kinds ?? []).Select(kind => (Proto.StateKind)kind) },
            PageSize = (uint)size,
            PageToken = token,
        },
        page => (page.States.Select(ToInfo), page.NextPageToken),
        cancellationToken);

    public Task<StateInfo?> FindAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return daemon.CallAsync(
            daemon.States.ListStatesAsync,
            new Proto.ListStatesRequest { Name = name },
            page => page.States.Select(ToInfo).SingleOrDefault(),
            cancellationToken);
    }

    public async Task<StateInfo> GetAsync(string name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken).ConfigureAwait(false)
        ?? throw ErrorMapping.Make(new ErrorDetails("STATE_NOT_FOUND", $"There is no shared object '{name}'.")
        {
            Field = "name",
            Resource = name,
        });

    public Task DeleteAsync(string name, bool force, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.States.DeleteStateAsync,
        new Proto.DeleteStateRequest { Name = name, Force = force },
        cancellationToken);

    public Task<ulong> RevokeAsync(string name, ulong fencingToken, CancellationToken cancellationToken) =>
        daemon.CallAsync(
        daemon.States.RevokeGrantAsync,
        new Proto.RevokeGrantRequest { Name = name, FencingToken = fencingToken },
        response => response.FencingToken,
        cancellationToken);

    private static StateInfo ToInfo(Proto.StateInfo state) => new()
    {
        Name = state.Name,
        Kind = Enum.IsDefined((StateKind)state.Spec.Kind) ? (StateKind)state.Spec.Kind : StateKind.Unknown,
        Permits = (int)state.Spec.Permits,
        Parties = (int)state.Spec.Parties,
        Length = (int)state.Spec.Length,
        ElementBytes = (int)state.Spec.ElementBytes,
        Initial = state.Spec.Initial,
        Keep = state.Keep,
        Users = (int)state.Users,
        Grants = [.. state.Grants.Select(ToInfo)],
        Waiting = (int)state.Waiting,
        Count = (long)state.Count,
        Value = state.Value,
        SizeBytes = (long)state.SizeBytes,
        Broken = state.Broken,
    };

    private static GrantInfo ToInfo(Proto.GrantInfo grant) => new()
    {
        FencingToken = grant.FencingToken,
        Holder = grant.Holder,
        GrantedAt = grant.GrantedAt.ToTime() ?? default,
        LeaseUntil = grant.LeaseUntil.ToTime(),
        Depth = (int)grant.Depth,
    };
}
