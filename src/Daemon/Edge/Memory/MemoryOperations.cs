using Queued.Broker;
using Queued.Daemon.Memory;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Edge;

/// <summary>Operations on memory segments.</summary>
/// <param name="directory">Where their files are.</param>
internal sealed class MemoryOperations(string directory)
{
    private const string What = "a memory segment";

    public Operation<Wire.CreateSegmentRequest, Wire.CreateSegmentResponse> Create { get; } = new(
        (request, scope) => new Command.CreateSegment(
            scope.Request, scope.LastingSession(What), request.Name, Bytes(request.SizeBytes)),
        response => new Wire.CreateSegmentResponse { Segment = ToWire(response, directory) })
    {
        Undo = Close,
    };

    public Operation<Wire.OpenSegmentRequest, Wire.OpenSegmentResponse> Open { get; } = new(
        (request, scope) => request.SegmentCase == Wire.OpenSegmentRequest.SegmentOneofCase.None
            ? throw RpcErrors.InvalidCall("segment", "Neither name nor segment_id is set. Say which segment is meant.")
            : new Command.OpenSegment(
                scope.Request,
                scope.LastingSession(What),
                request.Name,
                request.HasSegmentId ? new SegmentId(request.SegmentId) : null),
        response => new Wire.OpenSegmentResponse { Segment = ToWire(response, directory) })
    {
        Undo = Close,
    };

    public Operation<Wire.ResizeSegmentRequest, Wire.ResizeSegmentResponse> Resize { get; } = new(
        (request, scope) => new Command.ResizeSegment(
            scope.Request, scope.LastingSession(What), new SegmentId(request.SegmentId), Bytes(request.SizeBytes)),
        response => new Wire.ResizeSegmentResponse { Segment = ToWire(response, directory) });

    public static Operation<Wire.CloseSegmentRequest, Wire.CloseSegmentResponse> CloseOne { get; } = new(
        (request, scope) => new Command.CloseSegment(
            scope.Request, scope.LastingSession(What), new SegmentId(request.SegmentId)),
        _ => new Wire.CloseSegmentResponse());

    public static Operation<Wire.UnlinkSegmentRequest, Wire.UnlinkSegmentResponse> Unlink { get; } = new(
        (request, scope) => new Command.UnlinkSegment(scope.Request, request.Name),
        _ => new Wire.UnlinkSegmentResponse());

    public static Wire.Segment ToWire(SegmentView segment, string directory) => new()
    {
        SegmentId = segment.Id.Value,
        Path = SegmentFiles.PathOf(directory, segment.Id.Value),
        SizeBytes = (ulong)segment.Bytes,
        Name = segment.Name,
    };

    private static Wire.Segment ToWire(Response response, string directory) =>
        ToWire(((Response.OneSegment)response).Segment, directory);

    private static Command.CloseSegment Close(Response response, SessionId session) =>
        new(default, session, ((Response.OneSegment)response).Segment.Id);

    private static long Bytes(ulong bytes) => (long)Math.Min(bytes, long.MaxValue);
}
