using Grpc.Core;
using Queued.Protocol.V1;
using Queued.Worker.Memory;

namespace Queued.Worker.Tests;

/// <summary>Which segments are written again and which are given up, with files of the test.</summary>
public sealed class SegmentWriterTests : IDisposable
{
    private static readonly byte[] Bytes = new byte[300_000];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("queued-segments-");
    private readonly List<ulong> _closed = [];
    private readonly SegmentWriter _writer;

    public SegmentWriterTests() => _writer = new SegmentWriter(
        "session", new MemoryService.MemoryServiceClient(new SegmentMaker(_directory.FullName)), _closed.Add);

    public void Dispose()
    {
        _writer.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_segment_that_is_free_is_written_again()
    {
        var first = await WriteAsync();
        var second = await WriteAsync();
        Assert.NotEqual(first.SegmentId, second.SegmentId);

        _writer.Free(first.SegmentId);
        Assert.Equal(first.SegmentId, (await WriteAsync()).SegmentId);
        Assert.Empty(_closed);
    }

    [Fact]
    public async Task A_segment_whose_payload_was_refused_is_given_up()
    {
        var refused = await WriteAsync();
        _writer.Close(refused);
        Assert.Equal([refused.SegmentId], _closed);
        Assert.NotEqual(refused.SegmentId, (await WriteAsync()).SegmentId);

        // The daemon has said that it is free before it said that the payload was refused.
        var freed = await WriteAsync();
        _writer.Free(freed.SegmentId);
        _writer.Close(freed);
        Assert.Equal([refused.SegmentId, freed.SegmentId], _closed);
    }

    [Fact]
    public async Task A_segment_that_has_another_payload_by_now_stays()
    {
        var refused = await WriteAsync();
        _writer.Free(refused.SegmentId);
        var next = await WriteAsync();
        Assert.Equal(refused.SegmentId, next.SegmentId);

        _writer.Close(refused);
        Assert.Empty(_closed);
        _writer.Free(next.SegmentId);
        Assert.Equal(refused.SegmentId, (await WriteAsync()).SegmentId);
    }

    private async Task<SegmentRange> WriteAsync()
    {
        var range = await _writer.WriteAsync(Bytes, CancellationToken.None);
        Assert.NotNull(range);
        return range;
    }

    /// <summary>Makes the files that the daemon would.</summary>
    private sealed class SegmentMaker(string directory) : CallInvoker
    {
        private ulong _latest;

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        {
            var bytes = ((CreateSegmentRequest)(object)request).SizeBytes;
            var segment = new Segment { SegmentId = ++_latest, SizeBytes = bytes };
            segment.Path = Path.Combine(directory, $"{segment.SegmentId}");
            using (var file = File.Create(segment.Path)) file.SetLength((long)bytes);
            return new AsyncUnaryCall<TResponse>(
                Task.FromResult((TResponse)(object)new CreateSegmentResponse { Segment = segment }),
                Task.FromResult(Metadata.Empty),
                () => Status.DefaultSuccess,
                () => Metadata.Empty,
                () => { });
        }

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
            throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method, string? host, CallOptions options) =>
            throw new NotSupportedException();
    }
}
