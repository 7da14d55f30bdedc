using System.Text;
using Queued.Cli.Rendering;

namespace Queued.Cli.Tests;

/// <summary>Standard streams in memory.</summary>
internal sealed class FakeTerminal : IDisposable
{
    private readonly MemoryStream _output = new();
    private readonly MemoryStream _errorStream = new();
    private readonly StringWriter _error = new() { NewLine = "\n" };

    private FakeTerminal(
        Stream input, bool outputIsTerminal = false, bool errorIsTerminal = false, bool plain = false,
        TimeSpan? patience = null)
    {
        Terminal = new Terminal
        {
            Input = input,
            Output = _output,
            ErrorStream = _errorStream,
            Error = _error,
            IsInputRedirected = true,
            IsOutputTerminal = outputIsTerminal,
            IsErrorTerminal = errorIsTerminal,
            IsPlain = plain,
            Patience = patience ?? Timeout.InfiniteTimeSpan,
        };
    }

    public Terminal Terminal { get; }

    public string Output => Encoding.UTF8.GetString(_output.ToArray());

    public string Error => _error.ToString() + Encoding.UTF8.GetString(_errorStream.ToArray());

    public static FakeTerminal Of(
        string input = "", bool outputIsTerminal = false, bool errorIsTerminal = false, bool plain = false,
        TimeSpan? patience = null) =>
        new(new MemoryStream(Encoding.UTF8.GetBytes(input)), outputIsTerminal, errorIsTerminal, plain, patience);

    public static FakeTerminal Of(Stream input) => new(input);

    public void Dispose()
    {
        _output.Dispose();
        _errorStream.Dispose();
        _error.Dispose();
    }
}
