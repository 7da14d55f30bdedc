using System.Diagnostics;
using Queued.Cli.Tests.Scripted;

namespace Queued.Cli.Tests;

/// <summary>queuectl in a process of its own; gone with the test.</summary>
internal sealed class QueueCtlProcess : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    public QueueCtlProcess(ScriptedDaemon daemon, string line)
        : this(BuiltProgram.Path, ["--address", daemon.Address, .. line.Split(' ')])
    {
    }

    private QueueCtlProcess(string program, IEnumerable<string> arguments) => _process = Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>A line of a shell, where <c>$Q</c> is queuectl with its address.</summary>
    public static QueueCtlProcess OfShell(ScriptedDaemon daemon, string script) =>
        new("sh", ["-c", $"Q='{BuiltProgram.Path} --address {daemon.Address}'; {script}"]);

    /// <summary>The next line on standard error that begins so.</summary>
    public async Task<string?> ErrorLineAsync(string beginning)
    {
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync().WaitAsync(Deadline);
        }
        while (line is not null && !line.StartsWith(beginning, StringComparison.Ordinal));
        return line;
    }

    public async Task<Answer> EndAsync()
    {
        Task<string> output = _process.StandardOutput.ReadToEndAsync();
        Task<string> error = _process.StandardError.ReadToEndAsync();
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        return new Answer(_process.ExitCode, await output, await error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
