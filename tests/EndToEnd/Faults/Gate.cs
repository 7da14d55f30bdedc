using System.Net.Sockets;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>
/// Handlers of the faulty worker stop here: the test learns that they have begun, and says when they go on.
/// </summary>
internal sealed class Gate : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Socket> _waiting = [];

    public Gate(string path)
    {
        Path = path;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
    }

    /// <summary>The input of the handlers that stop here.</summary>
    public string Path { get; }

    /// <summary>Completes when one more handler stands at the gate.</summary>
    public async Task ArrivedAsync() => _waiting.Add(await _listener.AcceptAsync().WaitAsync(Deadline));

    /// <summary>All that stand here go on.</summary>
    public void Open()
    {
        foreach (var socket in _waiting)
        {
            socket.Dispose();
        }

        _waiting.Clear();
    }

    public void Dispose()
    {
        Open();
        _listener.Dispose();
    }
}
