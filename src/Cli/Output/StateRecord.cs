using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Output;

/// <summary>A shared object in JSON, but for what is in it.</summary>
internal sealed record StateRecord
{
    public required string Name { get; init; }

    public required string Kind { get; init; }

    public required bool Keep { get; init; }

    public required int Users { get; init; }

    public required int Waiting { get; init; }

    public required long Count { get; init; }

    public long? Value { get; init; }

    public required long SizeBytes { get; init; }

    public bool? Broken { get; init; }

    public int? Permits { get; init; }

    public int? Parties { get; init; }

    public int? Length { get; init; }

    public int? ElementBytes { get; init; }

    public IReadOnlyList<GrantRecord>? Grants { get; init; }

    public static StateRecord From(StateInfo state) => new()
    {
        Name = state.Name,
        Kind = Words.Name(state.Kind),
        Keep = state.Keep,
        Users = state.Users,
        Waiting = state.Waiting,
        Count = state.Count,
        Value = state.Kind == StateKind.Counter ? state.Value : null,
        SizeBytes = state.SizeBytes,
        Broken = state.Kind == StateKind.Barrier ? state.Broken : null,
        Permits = NullIfZero(state.Permits),
        Parties = NullIfZero(state.Parties),
        Length = NullIfZero(state.Length),
        ElementBytes = NullIfZero(state.ElementBytes),
        Grants = state.Grants.Count > 0 ? [.. state.Grants.Select(GrantRecord.From)] : null,
    };

    private static int? NullIfZero(int value) => value == 0 ? null : value;
}

/// <summary>A lock or permit that somebody holds, in JSON.</summary>
internal sealed record GrantRecord
{
    public required ulong FencingToken { get; init; }

    public required string Holder { get; init; }

    public required DateTimeOffset GrantedAt { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    public required int Depth { get; init; }

    public static GrantRecord From(GrantInfo grant) => new()
    {
        FencingToken = grant.FencingToken,
        Holder = grant.Holder,
        GrantedAt = grant.GrantedAt,
        LeaseUntil = grant.LeaseUntil,
        Depth = grant.Depth,
    };
}

/// <summary>Answer of <c>lock release</c>.</summary>
internal sealed record LockRecord(string Name, ulong FencingToken);

/// <summary>What is in a shared object: answers of <c>state get</c>, <c>state set</c> and <c>state add</c>.</summary>
internal sealed record ContentRecord
{
    public required string Name { get; init; }

    public string? Key { get; init; }

    /// <summary>Of counters.</summary>
    public long? Value { get; init; }

    /// <summary>Of events.</summary>
    public bool? Set { get; init; }

    public PayloadRecord? Payload { get; init; }
}
