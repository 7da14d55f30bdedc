using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Operations on shared state as they are on the wire: in sessions, and in unary calls.</summary>
public sealed class StateOperationTests : IAsyncLifetime
{
    private BrokerHost _host = null!;

    private StateService.StateServiceClient States => new(_host.Open());

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_lock_passes_from_one_session_to_the_other_with_a_higher_number()
    {
        await using var one = await TestSession.OpenAsync(_host, "one");
        await using var two = await TestSession.OpenAsync(_host, "two");
        Assert.True((await one.AskAsync(Use(1, "x", StateKind.Lock))).UseState.Created);
        Assert.False((await two.AskAsync(Use(1, "x", StateKind.Lock))).UseState.Created);
        var first = (await one.AskAsync(Acquire(2, "x"))).Acquire;
        Assert.True(first.Acquired);

        await two.SendAsync(Acquire(2, "x"));
        await WaitForAsync("x", state => state.Waiting == 1);
        var info = await OneAsync("x");
        Assert.Equal(("one", first.FencingToken), (info.Grants[0].Holder, info.Grants[0].FencingToken));
        Assert.Equal(2U, info.Users);

        var release = new ReleaseRequest { Name = "x", FencingToken = first.FencingToken };
        Assert.Null((await one.AskAsync(new SessionOperation { Tag = 3, Release = release })).Error);
        var second = await two.ResultAsync();
        Assert.Equal(2UL, second.Tag);
        Assert.True(second.Acquire.FencingToken > first.FencingToken);
    }

    [Fact]
    public async Task The_end_of_a_session_releases_what_it_holds()
    {
        await using var one = await TestSession.OpenAsync(_host);
        await using var two = await TestSession.OpenAsync(_host);
        await one.AskAsync(Use(1, "x", StateKind.Lock));
        await two.AskAsync(Use(1, "x", StateKind.Lock));
        await one.AskAsync(Acquire(2, "x"));
        await two.SendAsync(Acquire(2, "x"));
        await WaitForAsync("x", state => state.Waiting == 1);
        await one.DisposeAsync();
        Assert.True((await two.ResultAsync()).Acquire.Acquired);
    }

    [Fact]
    public async Task A_wait_is_called_off_by_its_tag()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await session.AskAsync(Use(1, "e", StateKind.Event));
        await session.SendAsync(new SessionOperation { Tag = 5, WaitEvent = new WaitEventRequest { Name = "e" } });
        await session.CancelAsync(5);
        RpcAssert.Refused((await session.ResultAsync()).Error, "WAIT_CANCELLED");
    }

    [Fact]
    public async Task A_condition_that_is_called_off_answers_with_its_lock()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await session.AskAsync(Use(1, "c", StateKind.Condition));
        var token = (await session.AskAsync(Acquire(2, "c"))).Acquire.FencingToken;
        var wait = new WaitConditionRequest { Name = "c", FencingToken = token };
        await session.SendAsync(new SessionOperation { Tag = 3, WaitCondition = wait });
        await session.CancelAsync(3);
        var result = (await session.ResultAsync()).WaitCondition;
        Assert.False(result.Notified);
        Assert.True(result.FencingToken > token);
    }

    [Fact]
    public async Task Unary_calls_hold_in_the_session_that_they_name()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var states = States;
        await states.UseStateAsync(new UseStateRequest
        {
            SessionId = session.Id,
            Name = "c",
            Spec = new StateSpec { Kind = StateKind.Condition },
        });
        var grant = await states.AcquireAsync(new AcquireRequest { SessionId = session.Id, Name = "c", Owner = 4 });
        var waiting = states.WaitConditionAsync(new WaitConditionRequest
        {
            SessionId = session.Id,
            Name = "c",
            FencingToken = grant.FencingToken,
        });
        await WaitForAsync("c", state => state.Waiting == 1);
        var second = await states.AcquireAsync(new AcquireRequest { SessionId = session.Id, Name = "c", Owner = 5 });
        var notified = await states.NotifyConditionAsync(
            new NotifyConditionRequest { SessionId = session.Id, Name = "c" });
        Assert.Equal(1U, notified.NotifiedCount);
        var release = new ReleaseRequest
        {
            SessionId = session.Id,
            Name = "c",
            FencingToken = second.FencingToken,
        };
        await states.ReleaseAsync(release);
        Assert.True((await waiting).Notified);
        await RpcAssert.FailsAsync(
            async () => await states.ReleaseAsync(release), StatusCode.FailedPrecondition, "GRANT_STALE",
            "fencing_token");
        await states.ExtendGrantAsync(new ExtendGrantRequest
        {
            SessionId = session.Id,
            Name = "c",
            FencingToken = (await waiting).FencingToken,
            Lease = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
        });
        Assert.NotNull((await OneAsync("c")).Grants[0].LeaseUntil);
        await states.LeaveStateAsync(new LeaveStateRequest { SessionId = session.Id, Name = "c" });
        Assert.Empty((await states.ListStatesAsync(new ListStatesRequest())).States);
    }

    [Fact]
    public async Task A_grant_that_came_too_late_for_its_call_is_given_back()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var states = States;
        foreach (var kind in new[] { StateKind.Lock, StateKind.Semaphore })
        {
            var name = kind.ToString();
            await session.AskAsync(Use(1, name, kind));
            if (kind == StateKind.Lock) await session.AskAsync(Acquire(2, name));
            using var call = states.AcquireAsync(
                new AcquireRequest { SessionId = session.Id, Name = name, Consume = kind == StateKind.Semaphore });
            await WaitForAsync(name, state => state.Waiting == 1);
            call.Dispose();
            await WaitForAsync(name, state => state.Waiting == 0);
            var release = new ReleaseRequest { Name = name };
            await session.AskAsync(new SessionOperation { Tag = 3, Release = release });
            Assert.True((await session.AskAsync(Acquire(4, name))).Acquire.Acquired);
        }
    }

    [Fact]
    public async Task What_is_kept_can_be_used_without_a_session()
    {
        var states = States;
        StateKind[] kinds = [StateKind.Event, StateKind.Counter, StateKind.Value, StateKind.Map, StateKind.List];
        foreach (var kind in kinds)
        {
            var use = new UseStateRequest { Name = kind.ToString(), Spec = new StateSpec { Kind = kind }, Keep = true };
            Assert.True((await states.UseStateAsync(use)).Created);
        }

        var waiting = states.WaitEventAsync(new WaitEventRequest { Name = "Event" });
        await WaitForAsync("Event", state => state.Waiting == 1);
        await states.SetEventAsync(new SetEventRequest { Name = "Event" });
        Assert.True((await waiting).Set);

        var added = await states.AddCounterAsync(new AddCounterRequest { Name = "Counter", Delta = 3, Expected = 0 });
        Assert.Equal((3L, true), (added.Value, added.Changed));

        var payload = new Payload { Data = ByteString.CopyFromUtf8("one"), ContentType = "text/plain" };
        await states.WriteValueAsync(new WriteValueRequest { Name = "Value", Payload = payload });
        var read = await states.ReadValueAsync(new ReadValueRequest { Name = "Value" });
        Assert.Equal((payload, 1UL), (read.Payload, read.Version));
        var late = new WriteValueRequest { Name = "Value", Payload = new Payload(), ExpectedVersion = 0 };
        var refused = await states.WriteValueAsync(late);
        Assert.Equal((false, payload), (refused.Written, refused.Payload));

        var put = new WriteMapRequest { Name = "Map", Changes = { new MapChange { Key = "k", Payload = payload } } };
        Assert.True((await states.WriteMapAsync(put)).Written);
        Assert.Equal(payload, (await states.WriteMapAsync(put)).Previous[0].Payload);
        var entries = await states.ReadMapAsync(new ReadMapRequest { Name = "Map" });
        Assert.Equal(("k", 2UL), (entries.Entries[0].Key, entries.Entries[0].Version));

        await states.WriteListAsync(new WriteListRequest { Name = "List", Items = { payload }, Append = true });
        Assert.Equal(payload, (await states.ReadListAsync(new ReadListRequest { Name = "List", Start = -1 })).Items[0]);
        var taken = await states.WriteListAsync(new WriteListRequest { Name = "List", RemoveCount = 1 });
        Assert.Equal((payload, 0UL), (taken.Removed[0], taken.TotalCount));
    }

    [Fact]
    public async Task An_array_and_a_barrier_are_used_in_a_session()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var array = Use(1, "a", StateKind.Array);
        array.UseState.Spec.Length = 3;
        array.UseState.Spec.ElementBytes = 2;
        await session.AskAsync(array);
        var write = new WriteArrayRequest { Name = "a", Start = 1, Elements = ByteString.CopyFrom(1, 2) };
        Assert.True((await session.AskAsync(new SessionOperation { Tag = 2, WriteArray = write })).WriteArray.Written);
        var read = new ReadArrayRequest { Name = "a" };
        var elements = (await session.AskAsync(new SessionOperation { Tag = 3, ReadArray = read })).ReadArray.Elements;
        Assert.Equal(ByteString.CopyFrom(0, 0, 1, 2, 0, 0), elements);

        var barrier = Use(4, "b", StateKind.Barrier);
        barrier.UseState.Spec.Parties = 2;
        await session.AskAsync(barrier);
        await session.SendAsync(
            new SessionOperation { Tag = 5, WaitBarrier = new WaitBarrierRequest { Name = "b" } },
            new SessionOperation { Tag = 6, WaitBarrier = new WaitBarrierRequest { Name = "b" } });
        Assert.Equal(0U, (await session.ResultAsync()).WaitBarrier.Place);
        Assert.Equal(1U, (await session.ResultAsync()).WaitBarrier.Place);
        var abort = new ResetBarrierRequest { Name = "b", Abort = true };
        await session.AskAsync(new SessionOperation { Tag = 7, ResetBarrier = abort });
        Assert.True((await OneAsync("b")).Broken);
    }

    [Fact]
    public async Task An_object_is_deleted_and_a_grant_is_revoked()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await session.AskAsync(Use(1, "x", StateKind.Lock));
        var token = (await session.AskAsync(Acquire(2, "x"))).Acquire.FencingToken;
        var states = States;
        await RpcAssert.FailsAsync(
            async () => await states.DeleteStateAsync(new DeleteStateRequest { Name = "x" }),
            StatusCode.FailedPrecondition, "STATE_IN_USE", "name");
        Assert.Equal(token, (await states.RevokeGrantAsync(new RevokeGrantRequest { Name = "x" })).FencingToken);
        await states.DeleteStateAsync(new DeleteStateRequest { Name = "x" });
        RpcAssert.Refused((await session.AskAsync(Acquire(3, "x"))).Error, "STATE_NOT_FOUND", "name");
    }

    private async Task<StateInfo> OneAsync(string name) =>
        (await States.ListStatesAsync(new ListStatesRequest())).States.Single(state => state.Name == name);

    private Task WaitForAsync(string name, Func<StateInfo, bool> isSo) =>
        Eventually.IsTrueAsync(async () => isSo(await OneAsync(name)), () => $"'{name}' is as it should be");

    private static SessionOperation Use(ulong tag, string name, StateKind kind) => new()
    {
        Tag = tag,
        UseState = new UseStateRequest { Name = name, Spec = new StateSpec { Kind = kind } },
    };

    private static SessionOperation Acquire(ulong tag, string name) =>
        new() { Tag = tag, Acquire = new AcquireRequest { Name = name } };
}
