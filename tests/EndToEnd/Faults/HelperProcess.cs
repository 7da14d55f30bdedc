using System.Diagnostics;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>A process that is a client of a daemon, told what to do, and killed when it has to be.</summary>
internal sealed class HelperProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private HelperProcess(Process process) => _process = process;

    public static HelperProcess Start(FaultDaemon daemon, params string[] arguments)
    {
        var start = new ProcessStartInfo(FaultDaemon.Worker, arguments) { RedirectStandardOutput = true };
        foreach (var (name, value) in daemon.Environment)
            start.Environment[name] = value;
        return new HelperProcess(Process.Start(start)!);
    }

    /// <summary>Its next line. Null: it has ended.</summary>
    public Task<string?> LineAsync() => _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);

    public async Task SaysAsync(string line) => Assert.Equal(line, await LineAsync());

    /// <summary>SIGKILL. What it had said is read to the end.</summary>
    public async Task<IReadOnlyList<string>> KillAsync()
    {
        _process.Kill();
        var rest = new List<string>();
        while (await LineAsync() is { } line)
            rest.Add(line);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return rest;
    }

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
