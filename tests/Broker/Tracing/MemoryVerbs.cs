using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>create-segment, open-segment, resize-segment, close-segment, unlink-segment,
/// segments, segment-ready, map-segments, segment-read.</summary>
internal static class MemoryVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner)
    {
        switch (line.Verb)
        {
            case "create-segment":
                return new Command.CreateSegment(
                    runner.NextRequest(), Session(line), line.Option("name", ""), line.Number("bytes"));
            case "open-segment":
                return new Command.OpenSegment(
                    runner.NextRequest(), Session(line), line.Option("name", ""),
                    line.Option("id") is { } id ? new SegmentId((ulong)Number(id)) : null);
            case "resize-segment":
                return new Command.ResizeSegment(
                    runner.NextRequest(), Session(line), Segment(line.Word(0)), line.Number("bytes"));
            case "close-segment":
                return new Command.CloseSegment(runner.NextRequest(), Session(line), Segment(line.Word(0)));
            case "unlink-segment":
                return new Command.UnlinkSegment(runner.NextRequest(), line.Word(0));
            case "segments":
                return new Command.ListSegments(
                    runner.NextRequest(), line.Number("page", 100),
                    line.Option("after") is { } after ? Segment(after) : null);
            case "map-segments":
                return new Command.MapSegments(SessionOf(line.Word(0)));
            case "segment-read":
                return new Command.SegmentRead(Segment(line.Word(0)));
            case "segment-ready":
                return new Command.SegmentReady(Segment(line.Word(0)), line.Option("error"));
            default:
                return null;
        }
    }

    private static SessionId Session(TraceLine line) => SessionOf(line.Option("session", "s0"));

    private static SessionId SessionOf(string text) => new(Number(text[1..]));

    private static SegmentId Segment(string text) => new((ulong)Number(text));

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
