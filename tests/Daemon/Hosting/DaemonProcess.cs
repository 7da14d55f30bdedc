using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Grpc.Net.Client;

namespace Queued.Daemon.Tests.Hosting;

/// <summary>The real program, started as a user starts it. Killed at the end of the test if it still runs.</summary>
internal sealed partial class DaemonProcess : IAsyncDisposable
{
    public const int Terminate = 15;
    public const int Interrupt = 2;
    public const int HangUp = 1;

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "queued.dll");
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder _errors = new();
    private readonly List<(string Text, TaskCompletionSource Seen)> _awaited = [];

    private DaemonProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    public static DaemonProcess Start(TestDirectory directory, params string[] more) =>
        Run([], ["serve", "--socket", directory.Socket, "--data", directory.Data, .. more]);

    /// <summary>With so many descriptors at most.</summary>
    public static DaemonProcess StartLimited(int openFilesMax, TestDirectory directory, params string[] more) => Run(
        [],
        "sh",
        ["-c", $"ulimit -n {openFilesMax}; exec dotnet \"$@\"", "sh", Program,
            "serve", "--socket", directory.Socket, "--data", directory.Data, .. more]);

    public static DaemonProcess Run(Dictionary<string, string> environment, params string[] arguments) =>
        Run(environment, "dotnet", [Program, .. arguments]);

    private static DaemonProcess Run(Dictionary<string, string> environment, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var daemon = new DaemonProcess(new Process { StartInfo = start });
        daemon._process.OutputDataReceived += (_, line) => daemon.TakeOutput(line.Data);
        daemon._process.ErrorDataReceived += (_, line) => daemon.TakeError(line.Data);
        daemon._process.Start();
        daemon._process.BeginOutputReadLine();
        daemon._process.BeginErrorReadLine();
        return daemon;
    }

    /// <summary>The first line of its output; for serve it comes when everything is ready.</summary>
    public async Task<string> ReadyAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline);
        var first = await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(timeout.Token));
        return first == _ready.Task
            ? await _ready.Task
            : throw new InvalidOperationException($"The daemon is not ready: {Errors}");
    }

    public Task SeesErrorAsync(string text)
    {
        lock (_errors)
        {
            if (_errors.ToString().Contains(text, StringComparison.Ordinal))
            {
                return Task.CompletedTask;
            }

            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((text, seen));
            return seen.Task.WaitAsync(Deadline);
        }
    }

    public async Task<int> ExitAsync()
    {
        using var timeout = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(Id, signal));

    public void CloseInput() => _process.StandardInput.Close();

    public static GrpcChannel Connect(string socket) => GrpcChannel.ForAddress("http://queued", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
        },
        DisposeHttpClient = true,
    });

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void TakeOutput(string? line)
    {
        if (line is not null)
        {
            _ready.TrySetResult(line);
        }
    }

    private void TakeError(string? line)
    {
        lock (_errors)
        {
            _errors.AppendLine(line);
            foreach (var (_, seen) in _awaited.Where(wait =>
                line?.Contains(wait.Text, StringComparison.Ordinal) == true))
            {
                seen.TrySetResult();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
