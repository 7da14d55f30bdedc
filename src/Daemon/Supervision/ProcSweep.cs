using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>What a process's environment says of the daemon that it was started by. Empty: it says nothing.</summary>
internal readonly record struct WorkerMarks(string Instance, string Worker, string Data);

/// <summary>
/// Finds processes by their environment, which a child cannot shed by leaving its group or its session. This is how a
/// double-forked grandchild is found after everybody between is gone.
/// </summary>
internal static class ProcSweep
{
    private const int EnvironmentBytesMax = 8 * 1024 * 1024;

    private static readonly TimeSpan RoundPause = TimeSpan.FromMilliseconds(20);

    private static readonly byte[] InstanceName = Encoding.UTF8.GetBytes($"{WorkerEnvironment.Instance}=");
    private static readonly byte[] WorkerName = Encoding.UTF8.GetBytes($"{WorkerEnvironment.Worker}=");
    private static readonly byte[] DataName = Encoding.UTF8.GetBytes($"{WorkerEnvironment.Data}=");

    /// <summary>SIGKILL to every process but this one whose marks fit. How many were found.</summary>
    /// <exception cref="IOException">Not all could be looked at: descriptors or memory are used up.</exception>
    internal static int Kill(Func<WorkerMarks, bool> isTarget)
    {
        var found = 0;
        var buffer = new byte[16 * 1024];
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            var name = Path.GetFileName(directory.AsSpan());
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var processId) ||
                processId == Environment.ProcessId || !Fits(directory, ref buffer, isTarget))
            {
                continue;
            }

            // The number may have changed hands since. Once it is held, what is read is its own or nobody's.
            var pidfd = ChildProcess.OpenPidfd(processId);
            if (pidfd < 0)
            {
                ThrowIfNoRoom("pidfd_open");
                continue;
            }

            if (Fits(directory, ref buffer, isTarget))
            {
                ChildProcess.SignalPidfd(pidfd, LinuxSignal.Kill);
                found++;
            }

            Descriptor.Close(ref pidfd);
        }

        return found;
    }

    /// <summary>
    /// Again and again until two rounds have found nothing: what is being forked in one is there in the next, and what
    /// is in the middle of an exec, and so shows no environment, is through.
    /// </summary>
    internal static int KillAll(Func<WorkerMarks, bool> isTarget, TimeSpan within)
    {
        var started = Stopwatch.GetTimestamp();
        var total = 0;
        for (var quiet = 0; quiet < 2 && Stopwatch.GetElapsedTime(started) < within;)
        {
            try
            {
                var found = Kill(isTarget);
                total += found;
                quiet = found == 0 ? quiet + 1 : 0;
            }
            catch (IOException)
            {
                // For want of room; what ends meanwhile makes some, and a round that saw little does not count.
                quiet = 0;
            }

            Thread.Sleep(RoundPause);
        }

        return total;
    }

    private static bool Fits(string directory, ref byte[] buffer, Func<WorkerMarks, bool> isTarget)
    {
        var environment = Read($"{directory}/environ", ref buffer);
        return environment.IndexOf(InstanceName) >= 0 && isTarget(new WorkerMarks(
            Value(environment, InstanceName), Value(environment, WorkerName), Value(environment, DataName)));
    }

    private static ReadOnlySpan<byte> Read(string path, ref byte[] buffer)
    {
        var descriptor = Descriptor.TryOpen(path);
        if (descriptor < 0)
        {
            ThrowIfNoRoom("open");
            return [];
        }

        var length = 0;
        while (Descriptor.Read(descriptor, buffer.AsSpan(length)) is > 0 and var count)
        {
            length += count;
            if (length < buffer.Length)
                continue;
            if (length >= EnvironmentBytesMax)
                break;
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        Descriptor.Close(ref descriptor);
        return buffer.AsSpan(0, length);
    }

    /// <summary>Else a process that is there would pass for one that has ended.</summary>
    private static void ThrowIfNoRoom(string call)
    {
        var error = Marshal.GetLastPInvokeError();
        if (Errno.IsWantOfRoom(error))
            throw Errno.Failure(call, error);
    }

    private static string Value(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> name)
    {
        while (!environment.IsEmpty)
        {
            var end = environment.IndexOf((byte)0);
            var variable = end < 0 ? environment : environment[..end];
            if (variable.StartsWith(name))
                return Encoding.UTF8.GetString(variable[name.Length..]);
            environment = end < 0 ? [] : environment[(end + 1)..];
        }

        return "";
    }
}
