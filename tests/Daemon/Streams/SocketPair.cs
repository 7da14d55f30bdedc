using System.Net.Sockets;
using Queued.Protocol.Streams;

namespace Queued.Daemon.Tests.Streams;

/// <summary>Two ends of a connection; what each reads is bounded.</summary>
internal sealed class SocketPair : IDisposable
{
    public const int BodyBytesMax = 1 << 20;

    /// <summary>Of the far end, which the kernel doubles, and of which a good deal goes for its own needs.</summary>
    public const int SendBufferBytes = 128 * 1024;

    private readonly string _directory = Directory.CreateTempSubdirectory("queued-").FullName;

    public SocketPair(int bodyBytesMax = BodyBytesMax)
    {
        var address = new UnixDomainSocketEndPoint(Path.Combine(_directory, "s"));
        using var listener = NewSocket();
        listener.Bind(address);
        listener.Listen(1);
        RawNear = NewSocket();
        RawNear.Connect(address);
        var far = listener.Accept();
        far.SendBufferSize = SendBufferBytes;
        Far = new FrameSocket(far, bodyBytesMax);
    }

    /// <summary>The end that sends whatever it likes.</summary>
    public Socket RawNear { get; }

    public FrameSocket Far { get; }

    /// <summary>Makes frames of the end that was raw. Once.</summary>
    public FrameSocket Near() => new(RawNear, BodyBytesMax);

    public static async Task<Frame> ReadAsync(FrameSocket socket, CancellationToken cancellationToken = default)
    {
        Frame frame;
        while (!socket.TryRead(out frame))
        {
            await socket.WaitAsync(cancellationToken).AsTask()
                .WaitAsync(Eventually.Deadline, CancellationToken.None);
        }

        return frame;
    }

    public void Dispose()
    {
        RawNear.Dispose();
        Far.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static Socket NewSocket() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
}
