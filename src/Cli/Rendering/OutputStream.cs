namespace Queued.Cli.Rendering;

/// <summary>
/// Standard output or standard error: a write that fails says whether nobody reads it any more, or what else it was.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="name">What it is called where it fails. Null: that is not told, for there is nowhere left to.</param>
internal sealed class OutputStream(Stream stream, string? name) : Stream
{
    /// <summary>EPIPE, which is what .NET gives as the result of an <see cref="IOException"/> on Unix.</summary>
    private const int BrokenPipe = 32;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            stream.Write(buffer);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await stream.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        try
        {
            stream.Flush();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await stream.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail(exception);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Fail(Exception exception)
    {
        var cause = exception as IOException ?? exception.InnerException as IOException;
        if (cause is not null && (OperatingSystem.IsWindows() || cause.HResult == BrokenPipe))
            throw new OutputClosedException(cause);
        if (name is not null)
            throw new OutputFailedException(name, cause ?? exception);
    }
}

/// <summary>Whoever read standard output or standard error has gone, as <c>head</c> does when it has enough.</summary>
internal sealed class OutputClosedException(IOException cause) : Exception("the output is closed", cause);

/// <summary>Standard output or standard error takes no more, as on a full disk.</summary>
internal sealed class OutputFailedException(string name, Exception cause)
    : Exception($"cannot write to {name}: {cause.Message.Split(" : ")[0].TrimEnd('.')}", cause);
