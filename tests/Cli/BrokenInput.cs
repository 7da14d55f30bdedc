namespace Queued.Cli.Tests;

/// <summary>Standard input that cannot be read, as where it is a folder.</summary>
internal sealed class BrokenInput(Exception error) : MemoryStream
{
    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromException<int>(error);
}
