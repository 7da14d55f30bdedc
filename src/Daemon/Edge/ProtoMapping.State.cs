using System.Diagnostics;
using Google.Protobuf;
using Queued.Broker;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

internal static partial class ProtoMapping
{
    public static StateSettings ToSettings(Wire.StateSpec? spec, ref FieldCheck check)
    {
        spec ??= new Wire.StateSpec();
        var kind = FromWire(spec.Kind);
        if (kind is null)
        {
            check.Reject(
                "spec.kind", $"spec.kind is {(int)spec.Kind}, which is no kind of shared object of this version.");
        }

        return new StateSettings
        {
            Kind = kind ?? StateKind.Lock,
            Permits = FieldCheck.Int(spec.Permits),
            Parties = FieldCheck.Int(spec.Parties),
            Length = FieldCheck.Int(spec.Length),
            ElementBytes = FieldCheck.Int(spec.ElementBytes),
            Initial = spec.Initial,
        };
    }

    /// <summary>Null: not a kind of this version.</summary>
    public static StateKind? FromWire(Wire.StateKind kind) => kind switch
    {
        Wire.StateKind.Lock => StateKind.Lock,
        Wire.StateKind.Rlock => StateKind.RLock,
        Wire.StateKind.Semaphore => StateKind.Semaphore,
        Wire.StateKind.BoundedSemaphore => StateKind.BoundedSemaphore,
        Wire.StateKind.Event => StateKind.Event,
        Wire.StateKind.Condition => StateKind.Condition,
        Wire.StateKind.Barrier => StateKind.Barrier,
        Wire.StateKind.Counter => StateKind.Counter,
        Wire.StateKind.Value => StateKind.Value,
        Wire.StateKind.Array => StateKind.Array,
        Wire.StateKind.Map => StateKind.Map,
        Wire.StateKind.List => StateKind.List,
        _ => null,
    };

    public static Wire.StateKind ToWire(StateKind kind) => kind switch
    {
        StateKind.Lock => Wire.StateKind.Lock,
        StateKind.RLock => Wire.StateKind.Rlock,
        StateKind.Semaphore => Wire.StateKind.Semaphore,
        StateKind.BoundedSemaphore => Wire.StateKind.BoundedSemaphore,
        StateKind.Event => Wire.StateKind.Event,
        StateKind.Condition => Wire.StateKind.Condition,
        StateKind.Barrier => Wire.StateKind.Barrier,
        StateKind.Counter => Wire.StateKind.Counter,
        StateKind.Value => Wire.StateKind.Value,
        StateKind.Array => Wire.StateKind.Array,
        StateKind.Map => Wire.StateKind.Map,
        StateKind.List => Wire.StateKind.List,
        _ => throw new UnreachableException($"State kind {kind}"),
    };

    public static Wire.StateInfo ToWire(StateView state)
    {
        var info = new Wire.StateInfo
        {
            Name = state.Name,
            Spec = new Wire.StateSpec
            {
                Kind = ToWire(state.Settings.Kind),
                Permits = (uint)state.Settings.Permits,
                Parties = (uint)state.Settings.Parties,
                Length = (uint)state.Settings.Length,
                ElementBytes = (uint)state.Settings.ElementBytes,
                Initial = state.Settings.Initial,
            },
            Keep = state.Keep,
            Users = (uint)state.Users,
            Waiting = (uint)state.Waiting,
            Count = (ulong)state.Count,
            Value = state.Value,
            SizeBytes = (ulong)state.Bytes,
            Broken = state.IsBroken,
        };
        foreach (var grant in state.Grants)
        {
            info.Grants.Add(new Wire.GrantInfo
            {
                FencingToken = grant.Token,
                Holder = grant.Holder,
                GrantedAt = ToWire(grant.GrantedAt),
                LeaseUntil = ToWire(grant.LeaseUntil),
                Depth = (uint)grant.Depth,
            });
        }

        return info;
    }

    public static MapChange FromWire(Wire.MapChange change) => new(
        change.Key,
        change.Payload is null ? null : FromWire(change.Payload),
        change.HasExpectedVersion ? change.ExpectedVersion : null);

    public static Wire.MapEntry ToWire(MapItem item) =>
        new() { Key = item.Key, Payload = ToWire(item.Payload), Version = item.Version };

    public static ByteString ToWire(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);
}
