using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// The second process: <c>queued guard INSTANCE</c>. Its standard input is a pipe from the daemon; when that ends, the
/// daemon is gone, and whatever it has not cleaned up itself is cleaned up here. It hears no polite signal, since a
/// terminal or a service manager sends these to everybody, and the daemon stops its workers in its own time.
/// </summary>
internal static class GuardProcess
{
    internal const string Verb = "guard";

    private const nint Ignore = 1;

    private static readonly TimeSpan SweepTimeMax = TimeSpan.FromSeconds(2.5);

    /// <param name="arguments">Those after the verb.</param>
    internal static int Run(ReadOnlySpan<string> arguments)
    {
        if (arguments is not [{ Length: > 0 } instanceId])
            return 64;

        _ = Libc.Signal(LinuxSignal.Terminate, Ignore);
        _ = Libc.Signal(LinuxSignal.Interrupt, Ignore);
        _ = Libc.Signal(LinuxSignal.Hangup, Ignore);

        var groups = new HashSet<int>();
        var paths = new HashSet<string>();
        var pipe = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 1);
        using (var input = new StreamReader(pipe))
        {
            while (input.ReadLine() is { } line)
                Take(line, groups, paths);
        }

        foreach (var group in groups)
            ChildProcess.SignalGroup(group, LinuxSignal.Kill);
        ProcSweep.KillAll(marks => marks.Instance == instanceId, SweepTimeMax);

        var exitCode = 0;
        foreach (var path in paths)
            exitCode = Math.Max(exitCode, Remove(path));
        return exitCode;
    }

    private static void Take(string line, HashSet<int> groups, HashSet<string> paths)
    {
        if (line.StartsWith("rm /", StringComparison.Ordinal))
            paths.Add(line["rm ".Length..]);
        else if (line is ['+' or '-', .. var digits] &&
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var group) && group > 1)
            _ = line[0] == '+' ? groups.Add(group) : groups.Remove(group);
    }

    private static int Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else
                File.Delete(path);
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody is left to tell; the exit code is all there is.
            return Directory.Exists(path) || File.Exists(path) ? 73 : 0;
        }
    }
}
