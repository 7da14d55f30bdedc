using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>
/// A payload in a segment is for tasks alone: whoever names one in a message, or in shared state, is told where, in a
/// session and in a unary call, although the segment is his own.
/// </summary>
public sealed class InlinePayloadTests : IAsyncLifetime
{
    private BrokerHost _host = null!;
    private TestSession _session = null!;
    private Payload _payload = null!;
    private ulong _pipeEnd;

    private MemoryService.MemoryServiceClient Memory => new(_host.Open());

    private MessageService.MessageServiceClient Messages => new(_host.Open());

    private PipeService.PipeServiceClient Pipes => new(_host.Open());

    private StateService.StateServiceClient States => new(_host.Open());

    public async Task InitializeAsync()
    {
        _host = await BrokerHost.StartAsync();
        _session = await TestSession.OpenAsync(_host);
        var made = await Memory.CreateSegmentAsync(new() { SessionId = _session.Id, SizeBytes = 4096 });
        _payload = new() { Segment = new() { SegmentId = made.Segment.SegmentId, Length = 10 } };
        await Messages.UseQueueAsync(new() { Queue = "queue" });
        _pipeEnd = (await Pipes.OpenPipeAsync(new() { SessionId = _session.Id, Name = "pipe" })).PipeEndId;
        foreach (var (name, kind) in new[]
        {
            ("value", StateKind.Value), ("map", StateKind.Map), ("list", StateKind.List),
        })
        {
            await States.UseStateAsync(new() { SessionId = _session.Id, Name = name, Spec = new() { Kind = kind } });
        }
    }

    public async Task DisposeAsync()
    {
        await _session.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("queue", "messages[0].payload.segment")]
    [InlineData("pipe", "messages[0].segment")]
    [InlineData("value", "payload.segment")]
    [InlineData("map", "changes.payload.segment")]
    [InlineData("list", "items.segment")]
    public async Task It_is_refused_with_its_field(string where, string field)
    {
        var operation = Operation(where);
        operation.Tag = 1;
        RpcAssert.Refused((await _session.AskAsync(operation)).Error, "INVALID_REQUEST", field);
        await RpcAssert.FailsAsync(() => CallAsync(operation), StatusCode.InvalidArgument, "INVALID_REQUEST", field);

        await _session.CloseAsync();
        Assert.Empty((await Memory.ListSegmentsAsync(new())).Segments);
    }

    private SessionOperation Operation(string where) => where switch
    {
        "queue" => new()
        {
            PutMessages = new() { Queue = where, Messages = { new NewMessage { Payload = _payload } } },
        },
        "pipe" => new() { SendToPipe = new() { PipeEndId = _pipeEnd, Messages = { _payload } } },
        "value" => new() { WriteValue = new() { Name = where, Payload = _payload } },
        "map" => new()
        {
            WriteMap = new() { Name = where, Changes = { new MapChange { Key = "k", Payload = _payload } } },
        },
        _ => new() { WriteList = new() { Name = where, Items = { _payload }, Append = true } },
    };

    private async Task CallAsync(SessionOperation operation)
    {
        switch (operation.OperationCase)
        {
            case SessionOperation.OperationOneofCase.PutMessages:
                await Messages.PutMessagesAsync(operation.PutMessages);
                break;
            case SessionOperation.OperationOneofCase.SendToPipe:
                await Pipes.SendToPipeAsync(new(operation.SendToPipe) { SessionId = _session.Id });
                break;
            case SessionOperation.OperationOneofCase.WriteValue:
                await States.WriteValueAsync(new(operation.WriteValue) { SessionId = _session.Id });
                break;
            case SessionOperation.OperationOneofCase.WriteMap:
                await States.WriteMapAsync(new(operation.WriteMap) { SessionId = _session.Id });
                break;
            default:
                await States.WriteListAsync(new(operation.WriteList) { SessionId = _session.Id });
                break;
        }
    }
}
