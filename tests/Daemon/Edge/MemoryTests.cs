using Google.Protobuf;
using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Daemon.Memory;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

/// <summary>Memory segments over the wire, as unary calls and on the stream, with real files.</summary>
public sealed class MemoryTests : IAsyncLifetime
{
    private readonly SegmentOptions _segments = new();
    private BrokerHost _host = null!;

    private MemoryService.MemoryServiceClient Memory => new(_host.Open());

    public async Task InitializeAsync() => _host = await BrokerHost.StartAsync(new BrokerLoopOptions
    {
        Limits = new BrokerLimits { SegmentsMax = 3, SegmentBytesMax = 1 << 20, SegmentBytesTotalMax = 2 << 20 },
        Segments = _segments,
    });

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        Assert.False(Directory.Exists(_segments.Directory));
    }

    [Fact]
    public async Task A_segment_is_a_file_of_its_length_full_of_zeros()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var segment = await CreateAsync(session, "frames", 10_000);

        Assert.Equal(("frames", 10_000UL), (segment.Name, segment.SizeBytes));
        Assert.Equal(new byte[10_000], await File.ReadAllBytesAsync(segment.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(segment.Path));
        Assert.Equal(_segments.Directory, Path.GetDirectoryName(segment.Path));
    }

    [Fact]
    public async Task Others_open_it_by_name_and_number_and_it_goes_with_the_last_one()
    {
        await using var maker = await TestSession.OpenAsync(_host, "maker");
        await using var reader = await TestSession.OpenAsync(_host, "reader");
        var made = await CreateAsync(maker, "frames", 1000);
        var byName = await reader.AskAsync(Operation(open: new OpenSegmentRequest { Name = "frames" }));
        var byNumber = await Memory.OpenSegmentAsync(
            new OpenSegmentRequest { SessionId = reader.Id, SegmentId = made.SegmentId });
        Assert.Equal([made, made], [byName.OpenSegment.Segment, byNumber.Segment]);

        var list = await Memory.ListSegmentsAsync(new ListSegmentsRequest());
        Assert.Equal(["maker", "reader"], Assert.Single(list.Segments).Users);
        Assert.Equal(made, list.Segments[0].Segment);
        Assert.NotNull(list.Segments[0].CreatedAt);

        await maker.CloseAsync();
        await Eventually.IsTrueAsync(() => UsersAsync(made).Result is ["reader"], "the reader alone has it");
        Assert.True(File.Exists(made.Path));
        await CloseAsync(reader, made);
        Assert.True(File.Exists(made.Path));
        await CloseAsync(reader, made);
        await Eventually.IsTrueAsync(() => !File.Exists(made.Path), "the file is gone");
    }

    [Fact]
    public async Task It_grows_and_shrinks_where_it_is()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var segment = await CreateAsync(session, "", 10);
        await File.WriteAllBytesAsync(segment.Path, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

        Assert.Equal(12UL, (await ResizeAsync(session, segment, 12)).SizeBytes);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0], await File.ReadAllBytesAsync(segment.Path));
        Assert.Equal(3UL, (await ResizeAsync(session, segment, 3)).SizeBytes);
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(segment.Path));
    }

    [Fact]
    public async Task Without_its_name_it_is_there_for_who_has_it()
    {
        await using var session = await TestSession.OpenAsync(_host);
        var segment = await CreateAsync(session, "frames", 10);
        await Memory.UnlinkSegmentAsync(new UnlinkSegmentRequest { Name = "frames" });

        Assert.True(File.Exists(segment.Path));
        await RpcAssert.FailsAsync(
            async () => await Memory.UnlinkSegmentAsync(new UnlinkSegmentRequest { Name = "frames" }),
            StatusCode.NotFound, "SEGMENT_NOT_FOUND", "name");
        Refused(await session.AskAsync(Operation(open: new OpenSegmentRequest { Name = "frames" })),
            "SEGMENT_NOT_FOUND", "name");
        Assert.NotEqual(segment.Path, (await CreateAsync(session, "frames", 10)).Path);
        var unlink = new SessionOperation { Tag = 1, UnlinkSegment = new UnlinkSegmentRequest { Name = "frames" } };
        Assert.Null((await session.AskAsync(unlink)).Error);
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await using var session = await TestSession.OpenAsync(_host);
        for (var n = 0; n < 3; n++) await CreateAsync(session, $"n{n}", 10);
        var first = await Memory.ListSegmentsAsync(new ListSegmentsRequest { PageSize = 2 });
        var second = await Memory.ListSegmentsAsync(
            new ListSegmentsRequest { PageSize = 2, PageToken = first.NextPageToken });

        Assert.Equal(
            ["n0", "n1", "n2"], first.Segments.Concat(second.Segments).Select(segment => segment.Segment.Name));
        Assert.Equal("", second.NextPageToken);
        await RpcAssert.FailsAsync(
            async () => await Memory.ListSegmentsAsync(new ListSegmentsRequest { PageToken = "x" }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "page_token");
        await RpcAssert.FailsAsync(
            async () => await Memory.ListSegmentsAsync(new ListSegmentsRequest { PageSize = 1001 }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "page_size");
    }

    [Fact]
    public async Task Bad_input_is_refused_with_its_reason()
    {
        await using var session = await TestSession.OpenAsync(_host);
        await using var other = await TestSession.OpenAsync(_host);
        var segment = await CreateAsync(session, "a", 1 << 20);

        Refused(await session.AskAsync(Create("a/b", 1)), "INVALID_REQUEST", "name");
        Refused(await session.AskAsync(Create("b", 0)), "INVALID_REQUEST", "size_bytes");
        Refused(await session.AskAsync(Create("b", ulong.MaxValue)), "LIMIT_REACHED", "size_bytes");
        Refused(await session.AskAsync(Create("b", (1 << 20) + 1)), "LIMIT_REACHED", "size_bytes");
        Refused(await session.AskAsync(Create("a", 1)), "SEGMENT_EXISTS", "name");
        Refused(await session.AskAsync(Operation(open: new OpenSegmentRequest())), "INVALID_REQUEST", "segment");
        Refused(await session.AskAsync(Operation(open: new OpenSegmentRequest { SegmentId = 1 })),
            "SEGMENT_NOT_FOUND", "segment_id");
        Refused(await other.AskAsync(Resize(segment, 1)), "SEGMENT_NOT_FOUND", "segment_id");
        Refused(await other.AskAsync(Close(segment)), "SEGMENT_NOT_FOUND", "segment_id");
        await other.AskAsync(Operation(open: new OpenSegmentRequest { Name = "a" }));
        Refused(await session.AskAsync(Resize(segment, 1)), "STATE_IN_USE", "size_bytes");

        await CreateAsync(session, "", 1 << 20);
        Refused(await session.AskAsync(Create("", 1)), "LIMIT_REACHED", "size_bytes");
    }

    [Fact]
    public async Task Unary_calls_need_a_session_that_lasts()
    {
        await RpcAssert.FailsAsync(
            async () => await Memory.CreateSegmentAsync(new CreateSegmentRequest { SizeBytes = 1 }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "session_id");
        await RpcAssert.FailsAsync(
            async () => await Memory.CloseSegmentAsync(new CloseSegmentRequest { SegmentId = 1 }),
            StatusCode.InvalidArgument, "INVALID_REQUEST", "session_id");
        await RpcAssert.FailsAsync(
            async () => await Memory.CreateSegmentAsync(new CreateSegmentRequest { SessionId = "s1-0", SizeBytes = 1 }),
            StatusCode.NotFound, "SESSION_NOT_FOUND", "session_id");

        await using var session = await TestSession.OpenAsync(_host);
        var made = await Memory.CreateSegmentAsync(new CreateSegmentRequest { SessionId = session.Id, SizeBytes = 8 });
        var longer = await Memory.ResizeSegmentAsync(
            new ResizeSegmentRequest { SessionId = session.Id, SegmentId = made.Segment.SegmentId, SizeBytes = 9 });
        Assert.Equal(9UL, longer.Segment.SizeBytes);
        await Memory.CloseSegmentAsync(
            new CloseSegmentRequest { SessionId = session.Id, SegmentId = made.Segment.SegmentId });
        await Eventually.IsTrueAsync(() => !File.Exists(made.Segment.Path), "the file is gone");
    }

    private static SessionOperation Operation(OpenSegmentRequest open) => new() { Tag = 1, OpenSegment = open };

    private static SessionOperation Create(string name, ulong bytes) =>
        new() { Tag = 1, CreateSegment = new CreateSegmentRequest { Name = name, SizeBytes = bytes } };

    private static SessionOperation Resize(Segment segment, ulong bytes) => new()
    {
        Tag = 1,
        ResizeSegment = new ResizeSegmentRequest { SegmentId = segment.SegmentId, SizeBytes = bytes },
    };

    private static SessionOperation Close(Segment segment) =>
        new() { Tag = 1, CloseSegment = new CloseSegmentRequest { SegmentId = segment.SegmentId } };

    private static async Task<Segment> CreateAsync(TestSession session, string name, ulong bytes)
    {
        var result = await session.AskAsync(Create(name, bytes));
        Assert.Null(result.Error);
        return result.CreateSegment.Segment;
    }

    private static async Task<Segment> ResizeAsync(TestSession session, Segment segment, ulong bytes)
    {
        var result = await session.AskAsync(Resize(segment, bytes));
        Assert.Null(result.Error);
        return result.ResizeSegment.Segment;
    }

    private static async Task CloseAsync(TestSession session, Segment segment) =>
        Assert.Null((await session.AskAsync(Close(segment))).Error);

    private async Task<IReadOnlyList<string>> UsersAsync(IMessage segment)
    {
        var list = await Memory.ListSegmentsAsync(new ListSegmentsRequest());
        return list.Segments.Single(info => info.Segment.Equals(segment)).Users;
    }

    private static void Refused(SessionResult result, string reason, string field) =>
        RpcAssert.Refused(result.Error, reason, field);
}
