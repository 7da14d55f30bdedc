using System.Text;

namespace Queued.Cli.Tests;

/// <summary>Standard input that says the same line again and again, as <c>yes</c> does.</summary>
internal sealed class EndlessInput(string line) : MemoryStream
{
    private readonly byte[] _line = Encoding.UTF8.GetBytes(line);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _line.CopyTo(buffer);
        return ValueTask.FromResult(_line.Length);
    }
}
