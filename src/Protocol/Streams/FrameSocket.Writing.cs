using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Queued.Protocol.Streams;

// What is written.
internal sealed partial class FrameSocket
{
    // Around what is written, and not the gate: whoever reads the answer must not wait for the end of the write.
    private readonly Lock _writing = new();

    // The writer's, or the poll's while the writer waits.
    private byte[] _output = [];
    private int _outputStart;
    private int _outputEnd;
    private bool _owesPong;
    private bool _isBroken;

    /// <summary>
    /// Writes a frame. One at a time. Completes when the kernel has all of it: most often at once.
    /// </summary>
    /// <exception cref="IOException">The connection is over.</exception>
    public ValueTask WriteAsync(FrameKind kind, IMessage message)
    {
        var length = message.CalculateSize();
        var frame = Begin(kind, length);
        message.WriteTo(frame.AsSpan(HeaderBytes, length));
        return SendAsync(frame, HeaderBytes + length);
    }

    /// <inheritdoc cref="WriteAsync(FrameKind, IMessage)"/>
    public ValueTask WriteAsync(FrameKind kind, ReadOnlySpan<byte> body)
    {
        var frame = Begin(kind, body.Length);
        body.CopyTo(frame.AsSpan(HeaderBytes));
        return SendAsync(frame, HeaderBytes + body.Length);
    }

    /// <summary>Asks for a sign of life.</summary>
    /// <returns>False: there is no room for the question, since the peer has not read what was sent before.</returns>
    public bool Ping() => SendEmpty(FrameKind.Ping);

    private static byte[] Begin(FrameKind kind, int length)
    {
        var frame = ArrayPool<byte>.Shared.Rent(HeaderBytes + length);
        frame[0] = (byte)kind;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length);
        return frame;
    }

    private ValueTask SendAsync(byte[] frame, int length)
    {
        lock (_writing)
        {
            (_output, _outputStart, _outputEnd) = (frame, 0, length);
            Send();
            if (_outputStart == _outputEnd)
            {
                Release(ref _output, ref _outputStart, ref _outputEnd);
                return ValueTask.CompletedTask;
            }

            lock (_gate)
            {
                if (_isDisposed) throw Closed();
                var wait = _write.Begin();
                Watch();
                return wait;
            }
        }
    }

    private void GoOnWriting()
    {
        Exception? failure = null;
        lock (_gate) _hasStirred = true;
        lock (_writing)
        {
            try
            {
                Send();
                if (_outputStart < _outputEnd)
                {
                    lock (_gate)
                    {
                        if (_isDisposed) throw Closed();
                        _write.GoOn();
                        Watch();
                        return;
                    }
                }

                Release(ref _output, ref _outputStart, ref _outputEnd);
            }
            catch (IOException exception)
            {
                failure = exception;
            }
        }

        if (_owesPong) Answer();
        _write.Complete(failure);
    }

    private void Send()
    {
        while (_outputStart < _outputEnd)
        {
            var count = SendNow(_output.AsSpan(_outputStart, _outputEnd - _outputStart), out var error);
            if (count > 0)
            {
                _outputStart += count;
                continue;
            }

            if (error == Kernel.Interrupted) continue;
            if (error == Kernel.TryAgain) return;
            _isBroken = true;
            throw Failed(error);
        }
    }

    private int SendNow(ReadOnlySpan<byte> bytes, out int error)
    {
        try
        {
            return Kernel.Send(_socket.SafeHandle, bytes, out error);
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
    }

    private void Answer()
    {
        _owesPong = false;
        SendEmpty(FrameKind.Pong);
    }

    /// <summary>
    /// Between two frames, and of five bytes, which the kernel takes all or none. Where the peer has not read what was
    /// sent before, there is none, and it has something to read.
    /// </summary>
    /// <returns>Whether it was sent.</returns>
    private bool SendEmpty(FrameKind kind)
    {
        lock (_writing)
        {
            if (_outputStart < _outputEnd)
            {
                _owesPong |= kind == FrameKind.Pong;
                return false;
            }

            try
            {
                return Kernel.Send(_socket.SafeHandle, [(byte)kind, 0, 0, 0, 0], out _) > 0;
            }
            catch (ObjectDisposedException)
            {
                // Nobody waits for it any more.
                return false;
            }
        }
    }
}
