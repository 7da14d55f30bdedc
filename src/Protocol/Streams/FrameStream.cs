using System.Buffers;
using Google.Protobuf;
using Grpc.Core;

namespace Queued.Protocol.Streams;

/// <summary>The messages of one direction of a call, read from the frames of its socket.</summary>
/// <param name="socket">Of the call.</param>
/// <param name="parse">Reads a message.</param>
/// <param name="end">
/// What a frame means that is no message: the peer's last one, for a status other than OK an exception, as for one that
/// has no place here. Returns where the messages have ended well.
/// </param>
/// <param name="broken">What is thrown where the connection is over. Null: the exception itself.</param>
internal sealed class FrameReader<T>(
    FrameSocket socket,
    Func<ReadOnlySequence<byte>, T> parse,
    Action<Frame> end,
    Func<IOException, Exception>? broken = null)
    : IAsyncStreamReader<T>
    where T : class
{
    private T? _current;

    public T Current => _current ?? throw new InvalidOperationException("There is no message yet.");

    /// <summary>
    /// Goes on, where it has to wait, on a thread of the <see cref="SocketPoll"/>, which must not be held up.
    /// </summary>
    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (TryMove(out var isEnd)) return !isEnd;
                await socket.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException exception) when (broken is not null)
        {
            throw broken(exception);
        }
    }

    private bool TryMove(out bool isEnd)
    {
        isEnd = false;
        if (!socket.TryRead(out var frame)) return false;
        if (frame.Kind == FrameKind.Message)
        {
            _current = parse(new ReadOnlySequence<byte>(frame.Body));
            return true;
        }

        end(frame);
        isEnd = true;
        return true;
    }
}

/// <summary>The messages of the other direction.</summary>
internal sealed class FrameWriter<T>(FrameSocket socket) : IClientStreamWriter<T>, IServerStreamWriter<T>
    where T : class
{
    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(T message) => socket.WriteAsync(FrameKind.Message, (IMessage)message).AsTask();

    /// <summary>Where the token is cancelled before the peer has taken the message, the connection is cut.</summary>
    public Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var write = socket.WriteAsync(FrameKind.Message, (IMessage)message);
        return write.IsCompletedSuccessfully ? Task.CompletedTask : FinishAsync(write, cancellationToken);
    }

    public Task CompleteAsync() => socket.WriteAsync(FrameKind.End, ReadOnlySpan<byte>.Empty).AsTask();

    private async Task FinishAsync(ValueTask write, CancellationToken cancellationToken)
    {
        await using var cut = cancellationToken.UnsafeRegister(
            static socket => ((FrameSocket)socket!).Dispose(), socket);
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (IOException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }
}
