using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Queued.Worker.Connection;

/// <summary>
/// A connection to the daemon's socket that is read by a thread of its own. What arrives wakes that thread, which goes
/// on with it itself; a socket of .NET wakes the thread that waits for all sockets, and that wakes one of the pool.
/// </summary>
internal sealed class UnixSocketStream : Stream, IValueTaskSource<int>
{
    private readonly Socket _socket;

    // A plain object, because the thread waits on it.
    private readonly object _gate = new();
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _buffer;
    private bool _isWanted;
    private bool _isDisposed;

    public UnixSocketStream(Socket socket)
    {
        _socket = socket;
        new Thread(Read) { IsBackground = true, Name = "queued socket" }.UnsafeStart();
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>One at a time. It is not cancelled: the end of the stream ends it.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _read.Reset();
            (_buffer, _isWanted) = (buffer, true);
            Monitor.Pulse(_gate);
            return new ValueTask<int>(this, _read.Version);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (buffer.Length > 0)
            {
                var sent = await _socket.SendAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                buffer = buffer[sent..];
            }
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Wakes the thread, wherever it waits; it closes the socket.
            lock (_gate)
            {
                if (!_isDisposed)
                    Shutdown();
                _isDisposed = true;
                Monitor.Pulse(_gate);
            }
        }

        base.Dispose(disposing);
    }

    private void Read()
    {
        while (IsWanted())
        {
            var count = Receive(out var error);
            // The reader goes on here, and most often wants more before this returns.
            if (error is null)
                _read.SetResult(count);
            else
                _read.SetException(error);
        }

        _socket.Dispose();
    }

    private bool IsWanted()
    {
        lock (_gate)
        {
            while (!_isWanted && !_isDisposed)
                Monitor.Wait(_gate);
            var isWanted = _isWanted;
            _isWanted = false;
            return isWanted;
        }
    }

    private int Receive(out Exception? failure)
    {
        failure = null;
        try
        {
            // The socket itself does not block, or sending would.
            while (true)
            {
                _socket.Poll(Timeout.InfiniteTimeSpan, SelectMode.SelectRead);
                var count = _socket.Receive(_buffer.Span, SocketFlags.None, out var error);
                if (error == SocketError.Success)
                    return count;
                if (error is not (SocketError.WouldBlock or SocketError.Interrupted))
                    throw new SocketException((int)error);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            failure = new IOException(error.Message, error);
            return 0;
        }
    }

    private void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other end has gone already: then nothing waits.
        }
    }
}
