using System.Diagnostics;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Pipes;

/// <summary>Another process that holds the other end of a pipe.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    /// <summary>Completes when it has opened its end.</summary>
    public static async Task<PeerProcess> StartAsync(FaultDaemon daemon, string pipe, string part)
    {
        var start = new ProcessStartInfo(FaultDaemon.Worker, ["--pipe", pipe, part])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in daemon.Environment) start.Environment[name] = value;
        var peer = new PeerProcess(Process.Start(start)!);
        Assert.Equal("open", await peer.ReadLineAsync());
        return peer;
    }

    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline);

    /// <summary>SIGKILL. Completes when it has ended.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <summary>Completes when it has ended by itself.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }
}
