namespace Queued.Client.Pipes;

/// <summary>An end of a pipe, whatever its messages are.</summary>
internal interface IPipeEnd
{
    /// <exception cref="PipeClosedException">It only sends.</exception>
    ValueTask<PipeLink> OpenToReceiveAsync(CancellationToken cancellationToken);
}
