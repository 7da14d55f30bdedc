using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Queued.Benchmarks;

/// <summary>
/// A program of somebody else that does not outlive this one: a shell beside it waits for the end of a pipe whose other
/// end is ours, and then kills it.
/// </summary>
internal sealed class Leash : IAsyncDisposable
{
    private const string Script = "\"$@\" </dev/null >&2 & server=$!; read _; kill -KILL $server; wait";

    /// <summary>The shell has started the program by then.</summary>
    private static readonly TimeSpan ForkMax = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly string _name;

    private Leash(string name, Process process)
    {
        (_name, _process) = (name, process);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_output) _output.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>The root of its processes.</summary>
    public int ProcessId => _process.Id;

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <param name="isReady">Whether it takes calls.</param>
    /// <param name="command">Program and arguments.</param>
    /// <exception cref="PeerMissingException">There is no such program.</exception>
    /// <exception cref="PeerFailedException">It does not get ready.</exception>
    public static async Task<Leash> StartAsync(Func<Task<bool>> isReady, params string[] command)
    {
        Programs.Need(command[0]);
        var leash = new Leash(command[0], Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!);
        var begun = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isReady())
        {
            var elapsed = Stopwatch.GetElapsedTime(begun);
            if ((elapsed > ForkMax && leash.HasEnded()) || elapsed > StartMax)
            {
                await leash.DisposeAsync();
                throw new PeerFailedException($"{leash._name} does not get ready.\n{leash.Output}");
            }

            await timer.WaitForNextTickAsync();
        }

        return leash;
    }

    /// <summary>Ready is: it listens on a Unix socket.</summary>
    public static Task<Leash> StartAsync(string socket, params string[] command) => StartAsync(
        () => ConnectsAsync(new UnixDomainSocketEndPoint(socket), AddressFamily.Unix, ProtocolType.Unspecified),
        command);

    /// <summary>Ready is: it listens on a port of the loopback.</summary>
    public static Task<Leash> StartAsync(int port, params string[] command) => StartAsync(
        () => ConnectsAsync(
            new IPEndPoint(IPAddress.Loopback, port), AddressFamily.InterNetwork, ProtocolType.Tcp),
        command);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>The shell is busy with its pipe, and buries nobody.</summary>
    private bool HasEnded() => ProcessTree.Of([ProcessId])[1..].All(ProcStat.HasEnded);

    private static async Task<bool> ConnectsAsync(
        EndPoint address, AddressFamily family, ProtocolType protocol)
    {
        using var socket = new Socket(family, SocketType.Stream, protocol);
        try
        {
            await socket.ConnectAsync(address);
            return true;
        }
        catch (SocketException)
        {
            // Not yet; the caller gives up in time and shows what the program says.
            return false;
        }
    }
}
