using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Bad input to shared state: each has its reason and its field, in sessions and in unary calls.</summary>
public sealed class StateRefusalTests : IAsyncLifetime
{
    private BrokerHost _host = null!;
    private TestSession _session = null!;
    private ulong _tag;

    public async Task InitializeAsync()
    {
        _host = await BrokerHost.StartAsync();
        _session = await TestSession.OpenAsync(_host);
        await UseAsync("lock", StateKind.Lock);
        await UseAsync("semaphore", StateKind.BoundedSemaphore, spec => spec.Permits = 1);
        await UseAsync("condition", StateKind.Condition);
        await UseAsync("counter", StateKind.Counter);
        await UseAsync("value", StateKind.Value);
        await UseAsync("map", StateKind.Map);
        await UseAsync("list", StateKind.List);
        await UseAsync("array", StateKind.Array, spec =>
        {
            spec.Length = 2;
            spec.ElementBytes = 2;
        });
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _host.DisposeAsync();
    }

    public static TheoryData<string, string, string> BadOperations() => new()
    {
        { """{ "useState": { "name": "a/b", "spec": { "kind": "STATE_KIND_LOCK" } } }""", "INVALID_REQUEST", "name" },
        { """{ "useState": { "name": "n" } }""", "INVALID_REQUEST", "spec.kind" },
        { """{ "useState": { "name": "n", "spec": { "kind": 99 } } }""", "INVALID_REQUEST", "spec.kind" },
        { Make("""{ "kind": "STATE_KIND_LOCK", "permits": 1 }"""), "INVALID_REQUEST", "spec.permits" },
        { Make("""{ "kind": "STATE_KIND_SEMAPHORE", "permits": 1000001 }"""), "INVALID_REQUEST", "spec.permits" },
        { Make("""{ "kind": "STATE_KIND_BOUNDED_SEMAPHORE" }"""), "INVALID_REQUEST", "spec.permits" },
        { Make("""{ "kind": "STATE_KIND_BARRIER" }"""), "INVALID_REQUEST", "spec.parties" },
        { Make("""{ "kind": "STATE_KIND_ARRAY", "length": 1 }"""), "INVALID_REQUEST", "spec.element_bytes" },
        {
            Make("""{ "kind": "STATE_KIND_ARRAY", "length": 4000000000, "elementBytes": 64 }"""), "INVALID_REQUEST",
            "spec.length"
        },
        { Make("""{ "kind": "STATE_KIND_VALUE", "initial": "1" }"""), "INVALID_REQUEST", "spec.initial" },
        { """{ "useState": { "name": "lock", "spec": { "kind": "STATE_KIND_EVENT" } } }""", "WRONG_KIND", "name" },
        {
            """{ "useState": { "name": "counter", "spec": { "kind": "STATE_KIND_COUNTER", "initial": "1" } } }""",
            "STATE_CONFLICT", "spec.initial"
        },
        { """{ "leaveState": { "name": "nothing" } }""", "STATE_NOT_FOUND", "name" },
        { """{ "acquire": { "name": "nothing" } }""", "STATE_NOT_FOUND", "name" },
        { """{ "acquire": { "name": "counter" } }""", "WRONG_KIND", "name" },
        { """{ "acquire": { "name": "lock", "wait": "3601s" } }""", "INVALID_REQUEST", "wait" },
        { """{ "acquire": { "name": "lock", "wait": "-1s" } }""", "INVALID_REQUEST", "wait" },
        { """{ "acquire": { "name": "lock", "lease": "0.001s" } }""", "INVALID_REQUEST", "lease" },
        { """{ "acquire": { "name": "lock", "lease": "2592001s" } }""", "INVALID_REQUEST", "lease" },
        { """{ "acquire": { "name": "semaphore", "consume": true } }""", "INVALID_REQUEST", "consume" },
        { """{ "release": { "name": "lock" } }""", "NOT_HELD", "name" },
        { """{ "release": { "name": "lock", "fencingToken": "7" } }""", "GRANT_STALE", "fencing_token" },
        { """{ "release": { "name": "lock", "addPermits": 1 } }""", "INVALID_REQUEST", "add_permits" },
        { """{ "release": { "name": "semaphore" } }""", "PERMITS_EXCEEDED", "name" },
        { """{ "release": { "name": "semaphore", "addPermits": 1 } }""", "PERMITS_EXCEEDED", "name" },
        { """{ "extendGrant": { "name": "lock", "fencingToken": "7" } }""", "INVALID_REQUEST", "lease" },
        {
            """{ "extendGrant": { "name": "lock", "fencingToken": "7", "lease": "1s" } }""", "GRANT_STALE",
            "fencing_token"
        },
        { """{ "setEvent": { "name": "lock" } }""", "WRONG_KIND", "name" },
        { """{ "waitEvent": { "name": "lock" } }""", "WRONG_KIND", "name" },
        { """{ "waitBarrier": { "name": "lock" } }""", "WRONG_KIND", "name" },
        { """{ "resetBarrier": { "name": "nothing" } }""", "STATE_NOT_FOUND", "name" },
        { """{ "waitCondition": { "name": "lock" } }""", "WRONG_KIND", "name" },
        { """{ "waitCondition": { "name": "condition" } }""", "NOT_HELD", "name" },
        {
            """{ "waitCondition": { "name": "condition", "fencingToken": "7" } }""", "GRANT_STALE", "fencing_token"
        },
        { """{ "notifyCondition": { "name": "condition" } }""", "NOT_HELD", "name" },
        { """{ "addCounter": { "name": "lock" } }""", "WRONG_KIND", "name" },
        {
            """{ "addCounter": { "name": "counter", "set": "9223372036854775807", "delta": "1" } }""",
            "INVALID_REQUEST", "delta"
        },
        { """{ "readValue": { "name": "map" } }""", "WRONG_KIND", "name" },
        { """{ "readArray": { "name": "array", "start": 3 } }""", "INVALID_REQUEST", "start" },
        { """{ "readArray": { "name": "array", "start": 4000000000 } }""", "INVALID_REQUEST", "start" },
        { """{ "readArray": { "name": "array", "count": 3 } }""", "INVALID_REQUEST", "count" },
        { """{ "writeArray": { "name": "array", "elements": "AQ==" } }""", "INVALID_REQUEST", "elements" },
        {
            """{ "writeArray": { "name": "array", "elements": "AQI=", "expected": "AQ==" } }""", "INVALID_REQUEST",
            "expected"
        },
        { """{ "readMap": { "name": "map", "pageSize": 1001 } }""", "INVALID_REQUEST", "page_size" },
        { """{ "writeMap": { "name": "map", "changes": [{}] } }""", "INVALID_REQUEST", "changes.key" },
        { """{ "readList": { "name": "list", "count": 1001 } }""", "INVALID_REQUEST", "count" },
        { """{ "writeList": { "name": "list", "start": "1", "items": [{}] } }""", "INVALID_REQUEST", "start" },
        { """{ "writeList": { "name": "list", "removeCount": 1001 } }""", "INVALID_REQUEST", "remove_count" },
        { """{ "writeList": { "name": "list", "append": true, "start": "1" } }""", "INVALID_REQUEST", "append" },
    };

    [Theory]
    [MemberData(nameof(BadOperations))]
    public async Task A_bad_operation_is_refused_with_its_field(string operation, string reason, string field)
    {
        var result = await AskAsync(JsonParser.Default.Parse<SessionOperation>(operation));
        RpcAssert.Refused(result.Error, reason, field);
    }

    [Fact]
    public async Task Payloads_that_are_too_large_are_refused_where_they_are_put()
    {
        var large = new Payload { Data = ByteString.CopyFrom(new byte[(1024 * 1024) + 1]) };
        var value = new WriteValueRequest { Name = "value", Payload = large };
        var map = new WriteMapRequest { Name = "map", Changes = { new MapChange { Key = "k", Payload = large } } };
        var list = new WriteListRequest { Name = "list", Items = { large }, Append = true };
        var ofValue = await AskAsync(new SessionOperation { WriteValue = value });
        RpcAssert.Refused(ofValue.Error, "PAYLOAD_TOO_LARGE", "payload.data");
        var ofMap = await AskAsync(new SessionOperation { WriteMap = map });
        RpcAssert.Refused(ofMap.Error, "PAYLOAD_TOO_LARGE", "changes.payload.data");
        var ofList = await AskAsync(new SessionOperation { WriteList = list });
        RpcAssert.Refused(ofList.Error, "PAYLOAD_TOO_LARGE", "items.data");
    }

    [Fact]
    public async Task What_is_held_needs_a_session()
    {
        var states = new StateService.StateServiceClient(_host.Open());
        var spec = new StateSpec { Kind = StateKind.Lock };
        Func<Task>[] calls =
        [
            async () => await states.UseStateAsync(new UseStateRequest { Name = "n", Spec = spec }),
            async () => await states.LeaveStateAsync(new LeaveStateRequest { Name = "lock" }),
            async () => await states.AcquireAsync(new AcquireRequest { Name = "lock" }),
            async () => await states.ReleaseAsync(new ReleaseRequest { Name = "lock" }),
            async () => await states.ExtendGrantAsync(new ExtendGrantRequest { Name = "lock" }),
            async () => await states.WaitConditionAsync(new WaitConditionRequest { Name = "condition" }),
            async () => await states.NotifyConditionAsync(new NotifyConditionRequest { Name = "condition" }),
        ];
        foreach (var call in calls)
            await RpcAssert.FailsAsync(call, StatusCode.InvalidArgument, "INVALID_REQUEST", "session_id");
    }

    [Fact]
    public async Task Unary_calls_are_refused_as_operations_are()
    {
        var states = new StateService.StateServiceClient(_host.Open());
        await RpcAssert.FailsAsync(
            async () => await states.AcquireAsync(new AcquireRequest { SessionId = "s1-guessed", Name = "lock" }),
            StatusCode.NotFound, "SESSION_NOT_FOUND", "session_id");
        await RpcAssert.FailsAsync(
            async () => await states.AddCounterAsync(new AddCounterRequest { Name = "counter" }),
            StatusCode.NotFound, "STATE_NOT_FOUND", "name");
        await RpcAssert.FailsAsync(
            async () => await states.SetEventAsync(new SetEventRequest { SessionId = _session.Id, Name = "lock" }),
            StatusCode.FailedPrecondition, "WRONG_KIND", "name");
        await RpcAssert.FailsAsync(
            async () => await states.ListStatesAsync(new ListStatesRequest { PageSize = 1001 }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "page_size");
        await RpcAssert.FailsAsync(
            async () => await states.ListStatesAsync(new ListStatesRequest { Kinds = { StateKind.Unspecified } }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "kinds");
        await RpcAssert.FailsAsync(
            async () => await states.DeleteStateAsync(new DeleteStateRequest { Name = "nothing" }),
            StatusCode.NotFound, "STATE_NOT_FOUND", "name");
        await RpcAssert.FailsAsync(
            async () => await states.RevokeGrantAsync(new RevokeGrantRequest { Name = "counter" }),
            StatusCode.FailedPrecondition, "WRONG_KIND", "name");
        await RpcAssert.FailsAsync(
            async () => await states.RevokeGrantAsync(new RevokeGrantRequest { Name = "lock", FencingToken = 1 }),
            StatusCode.FailedPrecondition, "GRANT_STALE", "fencing_token");
    }

    [Fact]
    public async Task A_broken_barrier_is_refused()
    {
        await UseAsync("barrier", StateKind.Barrier, spec => spec.Parties = 2);
        var wait = new WaitBarrierRequest { Name = "barrier", Wait = new Duration() };
        var result = await AskAsync(new SessionOperation { WaitBarrier = wait });
        RpcAssert.Refused(result.Error, "BARRIER_BROKEN");
    }

    private static string Make(string spec) => $$"""{ "useState": { "name": "new", "spec": {{spec}} } }""";

    private Task<SessionResult> AskAsync(SessionOperation operation)
    {
        operation.Tag = ++_tag;
        return _session.AskAsync(operation);
    }

    private async Task UseAsync(string name, StateKind kind, Action<StateSpec>? set = null)
    {
        var spec = new StateSpec { Kind = kind };
        set?.Invoke(spec);
        var use = new UseStateRequest { Name = name, Spec = spec };
        Assert.Null((await AskAsync(new SessionOperation { UseState = use })).Error);
    }
}
