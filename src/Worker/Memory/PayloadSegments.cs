using Grpc.Core;
using Queued.Protocol.V1;

namespace Queued.Worker.Memory;

/// <summary>What one stream needs to send and to get large payloads by shared memory.</summary>
internal sealed class PayloadSegments : IDisposable
{
    private PayloadSegments(string directory, string session, ChannelBase channel, Action<ulong> close)
    {
        Reader = new SegmentReader(directory);
        Writer = new SegmentWriter(session, new MemoryService.MemoryServiceClient(channel), close);
    }

    public SegmentReader Reader { get; }

    public SegmentWriter Writer { get; }

    /// <param name="directory">Where the daemon says that segments are. Empty: nowhere for us.</param>
    /// <param name="session">The stream's session.</param>
    /// <param name="channel">To the daemon.</param>
    /// <param name="close">Tells the daemon on the stream that a segment is wanted no more.</param>
    /// <returns>Null: this process does not see the daemon's segments.</returns>
    public static PayloadSegments? Find(string directory, string session, ChannelBase channel, Action<ulong> close) =>
        OperatingSystem.IsLinux() && session.Length > 0 && directory.Length > 0 && Directory.Exists(directory)
            ? new PayloadSegments(directory, session, channel, close)
            : null;

    public void Dispose()
    {
        Reader.Dispose();
        Writer.Dispose();
    }
}
