using System.Diagnostics;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Sharing;

/// <summary>A process that shares state as it is told, a line at a time, and may be killed at any of them.</summary>
internal sealed class SharingProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private SharingProcess(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public static SharingProcess Start(FaultDaemon daemon)
    {
        var start = new ProcessStartInfo(FaultDaemon.Worker, ["--share"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in daemon.Environment) start.Environment[name] = value;
        return new SharingProcess(Process.Start(start)!);
    }

    /// <summary>Tells it what to do, and does not wait for the answer.</summary>
    public async Task TellAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
    }

    public async Task<string> AnswerAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Deadline)
        ?? throw new InvalidOperationException("The process has ended.");

    public async Task<string> AskAsync(string command)
    {
        await TellAsync(command);
        return await AnswerAsync();
    }

    /// <summary>For answers that are a number.</summary>
    public async Task<ulong> TokenAsync(string command) => ulong.Parse(await AskAsync(command), null);

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        _process.Dispose();
    }
}
