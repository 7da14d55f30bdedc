using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Grpc.Core;

namespace Queued.Protocol.Streams;

/// <summary>
/// A stream socket with frames in it. One reader and one writer. What arrives is read by a thread of the
/// <see cref="SocketPoll"/>, which goes on with the reader; what is written goes to the kernel on the thread of the
/// writer, and waits there only while the peer is slow.
/// </summary>
internal sealed partial class FrameSocket : IPolled, IDisposable
{
    private const int HeaderBytes = 5;
    private const int ReceiveBytes = 64 * 1024;

    /// <summary>
    /// Of a frame, for which there is room as soon as it is announced. For more there is when it comes.
    /// </summary>
    private const int TrustedBytes = 1024 * 1024;

    private readonly Socket _socket;
    private readonly int _bodyBytesMax;
    private readonly Lock _gate = new();
    private readonly PollWait _read = new();
    private readonly PollWait _write = new();
    private readonly ulong _key;

    // The reader's, or the poll's while the reader waits.
    private byte[] _input = [];
    private int _inputStart;
    private int _inputEnd;
    private Exception? _inputEnded;

    // What ends the waits, registered once for all that have the same.
    private CancellationToken _cancelling;
    private CancellationTokenRegistration _cancelled;

    /// <summary>The peer has sent something, or has made room for what waited to be sent.</summary>
    private bool _hasStirred;
    private bool _isDisposed;

    /// <param name="socket">Connected. It is disposed with this.</param>
    /// <param name="bodyBytesMax">Of a frame that is read.</param>
    public FrameSocket(Socket socket, int bodyBytesMax)
    {
        (_socket, _bodyBytesMax) = (socket, bodyBytesMax);
        _key = SocketPoll.Shared.Add(socket.SafeHandle, this);
    }

    /// <summary>The peer has gone, or it was disposed.</summary>
    public bool IsOver => _inputEnded is not null || Volatile.Read(ref _isBroken) || Volatile.Read(ref _isDisposed);

    /// <summary>
    /// The peer has not stirred since this was last asked, though somebody waits for what it says: it sends nothing,
    /// and takes nothing of what waits to be sent.
    /// </summary>
    public bool TakeIsSilent()
    {
        lock (_gate)
        {
            var isSilent = _read.IsWaiting && !_hasStirred;
            _hasStirred = false;
            return isSilent;
        }
    }

    /// <summary>
    /// Says that there is life here, where nobody waits for what the peer says: he who reads is busy with what came
    /// before, and pings are among what he has not read.
    /// </summary>
    public void TellOfLife()
    {
        lock (_gate)
        {
            if (_isDisposed || _read.IsWaiting) return;
        }

        SendEmpty(FrameKind.Pong);
    }

    /// <summary>The next frame, if it is there. Not while somebody waits for one.</summary>
    /// <exception cref="IOException">The connection is over.</exception>
    /// <exception cref="RpcException">A frame is longer than may be.</exception>
    public bool TryRead(out Frame frame)
    {
        while (TryTake(out frame))
        {
            if (frame.Kind == FrameKind.Ping) Answer();
            else if (frame.Kind != FrameKind.Pong) return true;
        }

        return _inputEnded is { } ended ? throw new IOException(ended.Message, ended) : false;
    }

    /// <summary>
    /// Completes when there is something for <see cref="TryRead"/>, on the thread that has received it.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken != _cancelling)
        {
            _cancelled.Dispose();
            _cancelling = cancellationToken;
            _cancelled = cancellationToken.UnsafeRegister(
                static socket => ((FrameSocket)socket!).CancelWait(), this);
        }

        return BeginWait(cancellationToken);
    }

    public void Ready(uint events)
    {
        bool reads, writes;
        lock (_gate)
        {
            if (_isDisposed) return;
            var isOver = (events & (Kernel.Error | Kernel.HangUp)) != 0;
            reads = (isOver || (events & Kernel.In) != 0) && _read.TryTake();
            writes = (isOver || (events & Kernel.Out) != 0) && _write.TryTake();
            Watch();
        }

        if (writes) GoOnWriting();
        if (reads) GoOnReading();
    }

    /// <summary>Ends the connection; whoever waits hears of it.</summary>
    public void Dispose()
    {
        bool reads, writes;
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            (reads, writes) = (_read.TryTake(), _write.TryTake());
            SocketPoll.Shared.Remove(_socket.SafeHandle, _key);
            _socket.Dispose();
        }

        _cancelled.Unregister();
        if (reads) _read.Complete(Closed());
        if (writes) _write.Complete(Closed());
    }

    private RpcException TooLong(uint length) => new(new Status(
        StatusCode.ResourceExhausted, $"The message has {length} bytes, more than {_bodyBytesMax}."));

    private static IOException Closed() => new("The connection was closed.");

    private static IOException Failed(int error) => new(Marshal.GetPInvokeErrorMessage(error));

    private bool TryTake(out Frame frame)
    {
        frame = default;
        var input = _input.AsMemory(_inputStart, _inputEnd - _inputStart);
        if (input.Length < HeaderBytes) return false;
        var length = BinaryPrimitives.ReadUInt32BigEndian(input.Span[1..]);
        if (length > _bodyBytesMax) throw TooLong(length);
        if (input.Length < HeaderBytes + length) return false;
        frame = new Frame((FrameKind)input.Span[0], input.Slice(HeaderBytes, (int)length));
        _inputStart += HeaderBytes + (int)length;
        return true;
    }

    private ValueTask BeginWait(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_isDisposed) throw Closed();
            if (_inputStart == _inputEnd) Release(ref _input, ref _inputStart, ref _inputEnd);
            var wait = _read.Begin();
            Watch();
            return wait;
        }
    }

    private void CancelWait()
    {
        lock (_gate)
        {
            _read.IsCancelled = true;
            if (!_read.TryTake()) return;
        }

        _read.Complete(new OperationCanceledException("The wait for a message was cancelled."));
    }

    private void GoOnReading()
    {
        Receive();
        lock (_gate)
        {
            _hasStirred = true;
            if (!HasFrame() && !_isDisposed && !_read.IsCancelled)
            {
                _read.GoOn();
                Watch();
                return;
            }
        }

        // What TryRead finds is the truth, also that there is nothing because it was disposed.
        _read.Complete();
    }

    private bool HasFrame()
    {
        var count = _inputEnd - _inputStart;
        if (_inputEnded is not null) return true;
        if (count < HeaderBytes) return false;
        var length = BinaryPrimitives.ReadUInt32BigEndian(_input.AsSpan(_inputStart + 1));
        return length > _bodyBytesMax || count >= HeaderBytes + length;
    }

    private void Receive()
    {
        try
        {
            MakeRoom();
            var count = Kernel.Receive(_socket.SafeHandle, _input.AsSpan(_inputEnd), out var error);
            if (count > 0) _inputEnd += count;
            else if (count == 0) _inputEnded = new IOException("The other side has closed the connection.");
            else if (error is not (Kernel.TryAgain or Kernel.Interrupted)) _inputEnded = Failed(error);
        }
        catch (ObjectDisposedException)
        {
            // Since the event. There is no lock around this: a writer would wait until much is copied.
            _inputEnded = Closed();
        }
        catch (OutOfMemoryException exception)
        {
            // It is for one frame, and others have what they need.
            _inputEnded = new IOException("There is no memory for a message.", exception);
        }
    }

    /// <summary>
    /// For the rest of the frame that has begun, of a long one for as much again as has come of it; or for a good deal.
    /// </summary>
    private void MakeRoom()
    {
        var count = _inputEnd - _inputStart;
        var wanted = ReceiveBytes;
        if (count >= HeaderBytes)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(_input.AsSpan(_inputStart + 1));
            var announced = HeaderBytes + Math.Min(length, _bodyBytesMax);
            wanted = Math.Max(wanted, (int)Math.Min(announced, Math.Max(TrustedBytes, 2L * count)));
        }

        if (_input.Length >= wanted)
        {
            if (_inputStart == 0) return;
            _input.AsSpan(_inputStart, count).CopyTo(_input);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(wanted);
            _input.AsSpan(_inputStart, count).CopyTo(larger);
            if (_input.Length > 0) ArrayPool<byte>.Shared.Return(_input);
            _input = larger;
        }

        (_inputStart, _inputEnd) = (0, count);
    }

    private void Watch()
    {
        var events = (_read.IsWaiting ? Kernel.In : 0) | (_write.IsWaiting ? Kernel.Out : 0);
        if (events != 0) SocketPoll.Shared.Watch(_socket.SafeHandle, _key, events);
    }

    private static void Release(ref byte[] buffer, ref int start, ref int end)
    {
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        (buffer, start, end) = ([], 0, 0);
    }
}
