using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Queued.Crash;

/// <summary>The processes of the run.</summary>
internal static partial class Processes
{
    private const int TermSignal = 15;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    /// <summary>This program again, in another role.</summary>
    public static Process StartRole(string socket, params string[] arguments) =>
        Start(Environment.ProcessPath!, socket, captures: false, arguments);

    public static Process Start(string program, string socket, bool captures, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = captures,
            RedirectStandardError = captures,
            // A process that is killed would leave the socket of its diagnostics behind.
            Environment = { ["QUEUED_SOCKET"] = socket, ["DOTNET_EnableDiagnostics"] = "0" },
        };
        return Process.Start(start)!;
    }

    public static async Task<int> TerminateAsync(Process process)
    {
        if (!process.HasExited) _ = Kill(process.Id, TermSignal);
        return await EndAsync(process);
    }

    /// <exception cref="TimeoutException">It does not end; it was killed.</exception>
    public static async Task<int> EndAsync(Process process)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{process.StartInfo.FileName} did not end within {Deadline}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
