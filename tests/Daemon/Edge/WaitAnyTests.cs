using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Waits for the first of queues and events, as they are on the wire. Pipes are in PipeTests.</summary>
public sealed class WaitAnyTests : IAsyncLifetime
{
    private BrokerHost _host = null!;

    private SessionService.SessionServiceClient Sessions => new(_host.Open());

    private StateService.StateServiceClient States => new(_host.Open());

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_queue_and_an_event_that_is_kept_need_no_session()
    {
        var messages = new MessageService.MessageServiceClient(_host.Open());
        await messages.UseQueueAsync(new() { Queue = "letters" });
        await using var session = await TestSession.OpenAsync(_host);
        await UseAsync(session, "kept", keep: true);
        await UseAsync(session, "used", keep: false);
        var wait = new WaitAnyRequest { Targets = { Queue("letters"), Event("kept") } };
        Assert.Empty((await Sessions.WaitAnyAsync(new(wait) { Wait = new Duration() })).Ready);
        var waiting = Sessions.WaitAnyAsync(wait);
        await messages.PutMessagesAsync(new() { Queue = "letters", Messages = { new NewMessage() } });
        Assert.Equal([0U], (await waiting).Ready);

        await States.SetEventAsync(new() { SessionId = session.Id, Name = "kept" });
        Assert.Equal([0U, 1U], (await Sessions.WaitAnyAsync(wait)).Ready);
        await RefusedAsync(new() { Targets = { Event("used") } },
            StatusCode.NotFound, "STATE_NOT_FOUND", "targets[0].event");
        Assert.Empty((await Sessions.WaitAnyAsync(
            new() { SessionId = session.Id, Targets = { Event("used") }, Wait = new Duration() })).Ready);
    }

    [Fact]
    public async Task A_wrong_kind_none_and_too_many_name_the_target()
    {
        await _host.Queues.DeclareQueueAsync(new() { Name = "tasks" });
        await using var session = await TestSession.OpenAsync(_host);
        await UseAsync(session, "lock", keep: false, StateKind.Lock);
        await RefusedAsync(new() { Targets = { Queue("tasks") } },
            StatusCode.FailedPrecondition, "WRONG_KIND", "targets[0].queue");
        await RefusedAsync(new() { Targets = { Queue("none") } },
            StatusCode.NotFound, "QUEUE_NOT_FOUND", "targets[0].queue");
        await RefusedAsync(new() { SessionId = session.Id, Targets = { Event("lock") } },
            StatusCode.FailedPrecondition, "WRONG_KIND", "targets[0].event");
        await RefusedAsync(new(), StatusCode.InvalidArgument, "INVALID_REQUEST", "targets");
        await RefusedAsync(
            new() { Targets = { Enumerable.Repeat(Queue("tasks"), 1001) } },
            StatusCode.InvalidArgument, "INVALID_REQUEST", "targets");
    }

    private static WaitTarget Queue(string name) => new() { Queue = name };

    private static WaitTarget Event(string name) => new() { Event = name };

    private async Task UseAsync(TestSession session, string name, bool keep, StateKind kind = StateKind.Event) =>
        await States.UseStateAsync(
            new() { SessionId = session.Id, Name = name, Spec = new() { Kind = kind }, Keep = keep });

    private Task<Google.Rpc.Status> RefusedAsync(
        WaitAnyRequest request, StatusCode status, string reason, string field) =>
        RpcAssert.FailsAsync(async () => await Sessions.WaitAnyAsync(request), status, reason, field);
}
