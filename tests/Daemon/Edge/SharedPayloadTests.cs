using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Queued.Daemon.Loop;
using Queued.Protocol.V1;
using SegmentRange = Queued.Protocol.V1.SegmentRange;
using TaskState = Queued.Protocol.V1.TaskState;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Payloads and results in segments, word for word, with real files.</summary>
public sealed class SharedPayloadTests : IAsyncLifetime
{
    private BrokerHost _host = null!;

    private MemoryService.MemoryServiceClient Memory => new(_host.Open());

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync(new BrokerLoopOptions
    {
        Limits = BrokerHost.SmallLimits with { PayloadBytesMax = 1000 },
    });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Who_maps_gets_the_place_and_its_owner_hears_when_it_is_free()
    {
        using var client = await TestClient.ConnectAsync(_host);
        using var worker = await TestWorker.ConnectAsync(_host, credits: 0);
        Assert.Equal(client.Welcome.SegmentDirectory, worker.Welcome.SegmentDirectory);
        await worker.SendAsync(new WorkRequest { MapsSegments = true, Credits = 1 });
        await client.SendAsync(new ConnectRequest { MapsSegments = true });
        var payload = await WriteAsync(client.Welcome.SessionId, "in");
        await client.SubmitAsync(Submission(payload));

        var assignment = await worker.TakeAsync();
        Assert.Equal((payload, ""), (assignment.Payload.Segment, assignment.Payload.Data.ToStringUtf8()));
        Assert.Equal("text/plain", assignment.Payload.ContentType);
        var result = await WriteAsync(worker.Welcome.SessionId, "out");
        await worker.SendAsync(new WorkRequest { Settlements = { Succeeded(assignment, result) } });

        var outcome = await client.OutcomeAsync();
        Assert.Equal((result, ""), (outcome.Result.Segment, outcome.Result.Data.ToStringUtf8()));
        Assert.Equal(payload.SegmentId, await client.FreeAsync());
        await client.SendAsync(new ConnectRequest { CloseSegmentIds = { result.SegmentId } });
        Assert.Equal(result.SegmentId, await worker.FreeAsync());
    }

    [Fact]
    public async Task Who_does_not_map_gets_the_bytes()
    {
        using var client = await TestClient.ConnectAsync(_host);
        using var worker = await TestWorker.ConnectAsync(_host);
        var payload = await WriteAsync(client.Welcome.SessionId, "in");
        await client.SubmitAsync(Submission(payload, Duration.FromTimeSpan(TimeSpan.FromHours(1))));

        var assignment = await worker.TakeAsync();
        Assert.Equal(("in", null), (assignment.Payload.Data.ToStringUtf8(), assignment.Payload.Segment));
        var result = await WriteAsync(worker.Welcome.SessionId, "out");
        await worker.SendAsync(new WorkRequest { Settlements = { Succeeded(assignment, result) } });

        var outcome = await client.OutcomeAsync();
        Assert.Equal(("out", null), (outcome.Result.Data.ToStringUtf8(), outcome.Result.Segment));
        var task = await _host.Tasks.GetTaskAsync(
            new GetTaskRequest { TaskId = assignment.TaskId, IncludePayload = true });
        Assert.Equal("in", task.Task.Payload.Data.ToStringUtf8());
        Assert.Equal("out", task.Task.Result.Data.ToStringUtf8());
        Assert.Equal("text/plain", task.Task.Result.ContentType);
    }

    [Fact]
    public async Task What_is_too_long_for_who_does_not_map_fails_with_the_reason()
    {
        using var client = await TestClient.ConnectAsync(_host);
        using var worker = await TestWorker.ConnectAsync(_host);
        var payload = await WriteAsync(client.Welcome.SessionId, new string('x', 1001));
        await client.SubmitAsync(Submission(payload));

        var outcome = await client.OutcomeAsync();
        Assert.Equal(TaskState.Failed, outcome.State);
        Assert.Contains("payload_bytes_max", outcome.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(payload.SegmentId, await client.FreeAsync());
    }

    [Fact]
    public async Task The_same_outcome_sent_twice_is_closed_twice()
    {
        using var client = await TestClient.ConnectAsync(_host);
        using var worker = await TestWorker.ConnectAsync(_host);
        await client.SendAsync(new ConnectRequest { MapsSegments = true });
        await client.SubmitAsync(TestClient.Submission(1));
        var assignment = await worker.TakeAsync();
        var ack = await client.AckAsync();
        await client.SendAsync(new ConnectRequest { WatchTaskIds = { ack.TaskId } });
        // The watch is there when its answer would be.
        await client.SendAsync(new ConnectRequest { WatchTaskIds = { 99 } });
        await client.ErrorAsync();
        var result = await WriteAsync(worker.Welcome.SessionId, "out");
        await worker.SendAsync(new WorkRequest { Settlements = { Succeeded(assignment, result) } });
        Assert.Equal([result, result],
            [(await client.OutcomeAsync()).Result.Segment, (await client.OutcomeAsync()).Result.Segment]);

        await client.SendAsync(new ConnectRequest { CloseSegmentIds = { result.SegmentId } });
        Assert.Equal(2, (await UsersAsync(result)).Count);
        await client.SendAsync(new ConnectRequest { CloseSegmentIds = { result.SegmentId } });
        await Eventually.IsTrueAsync(() => UsersAsync(result).Result.Count == 1, "the worker alone has it");
    }

    [Fact]
    public async Task A_payload_that_is_nowhere_is_refused()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var there = await WriteAsync(client.Welcome.SessionId, "in");
        foreach (var range in (SegmentRange[])
            [
                new() { SegmentId = 1, Length = 1 },
                new() { SegmentId = there.SegmentId, Length = 0 },
                new() { SegmentId = there.SegmentId, Length = 3 },
                new() { SegmentId = there.SegmentId, Length = 1, Offset = 2 },
                new() { SegmentId = there.SegmentId, Length = ulong.MaxValue },
                new() { SegmentId = there.SegmentId, Length = 1, Offset = ulong.MaxValue },
            ])
        {
            await client.SubmitAsync(Submission(range));
            RpcAssert.Refused((await client.AckAsync()).Error, "SEGMENT_NOT_FOUND", "task.payload.segment");
        }

        await client.SubmitAsync(TestClient.Submission(1, change: task =>
        {
            task.Payload = new Payload { Segment = there };
            task.IdempotencyKey = new IdempotencyKey { Key = "k" };
        }));
        RpcAssert.Refused(
            (await client.AckAsync()).Error, "INVALID_REQUEST", "task.payload.segment.fingerprint");
        await client.SubmitAsync(TestClient.Submission(1, change: task =>
        {
            task.Handler = "exec";
            task.Payload = new Payload { Segment = there };
        }));
        RpcAssert.Refused((await client.AckAsync()).Error, "INVALID_REQUEST", "task.payload.segment");
    }

    [Fact]
    public async Task A_key_tells_other_content_by_its_fingerprint()
    {
        using var client = await TestClient.ConnectAsync(_host);
        var one = await WriteAsync(client.Welcome.SessionId, "one");
        one.Fingerprint = ByteString.CopyFrom(new byte[16].Select((_, n) => (byte)(n + 1)).ToArray());
        var other = one.Clone();
        other.Fingerprint = ByteString.CopyFrom(new byte[16].Select((_, n) => (byte)(n + 2)).ToArray());

        Assert.False((await SubmitAsync(client, one)).Deduplicated);
        Assert.True((await SubmitAsync(client, one)).Deduplicated);
        RpcAssert.Refused((await SubmitAsync(client, other)).Error, "IDEMPOTENCY_CONFLICT");
    }

    [Fact]
    public async Task Over_TCP_nothing_is_said_of_shared_memory()
    {
        using var call = new TaskService.TaskServiceClient(_host.OpenTcp()).Connect();
        await call.RequestStream.WriteAsync(new ConnectRequest());
        Assert.True(await call.ResponseStream.MoveNext(default));

        Assert.Equal("", call.ResponseStream.Current.SegmentDirectory);
    }

    [Fact]
    public async Task A_segment_of_ones_own_can_be_given_up_on_the_stream()
    {
        using var client = await TestClient.ConnectAsync(_host);
        using var worker = await TestWorker.ConnectAsync(_host);
        var clients = await MakeAsync(client.Welcome.SessionId, "a");
        var workers = await MakeAsync(worker.Welcome.SessionId, "b");
        await client.SendAsync(new ConnectRequest { CloseSegmentIds = { clients.SegmentId } });
        await worker.SendAsync(new WorkRequest { CloseSegmentIds = { workers.SegmentId } });

        await Eventually.IsTrueAsync(
            () => !File.Exists(clients.Path) && !File.Exists(workers.Path), "an end of both files");
    }

    private static Submission Submission(SegmentRange range, Duration? ttl = null) => TestClient.Submission(
        1,
        change: task =>
        {
            task.Payload = new Payload { ContentType = "text/plain", Segment = range };
            task.ResultTtl = ttl ?? new Duration();
        });

    private static async Task<SubmitAck> SubmitAsync(TestClient client, SegmentRange range)
    {
        await client.SubmitAsync(TestClient.Submission(1, withoutOutcome: true, change: task =>
        {
            task.Payload = new Payload { Segment = range };
            task.IdempotencyKey = new IdempotencyKey { Key = "k" };
        }));
        return await client.AckAsync();
    }

    private static Protocol.V1.Settlement Succeeded(TakenAssignment assignment, SegmentRange range) => new()
    {
        TaskId = assignment.TaskId,
        Attempt = assignment.Attempt,
        Succeeded = new Payload { ContentType = "text/plain", Segment = range },
    };

    private async Task<Segment> MakeAsync(string session, string text)
    {
        var request = new CreateSegmentRequest { SessionId = session, SizeBytes = (ulong)text.Length };
        var segment = (await Memory.CreateSegmentAsync(request)).Segment;
        await File.WriteAllTextAsync(segment.Path, text);
        return segment;
    }

    private async Task<SegmentRange> WriteAsync(string session, string text) =>
        new() { SegmentId = (await MakeAsync(session, text)).SegmentId, Length = (ulong)text.Length };

    private async Task<IReadOnlyList<string>> UsersAsync(SegmentRange range)
    {
        var list = await Memory.ListSegmentsAsync(new ListSegmentsRequest());
        return list.Segments.Single(info => info.Segment.SegmentId == range.SegmentId).Users;
    }
}
