using System.Diagnostics.CodeAnalysis;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>A process that was just started. Whoever gets it owns the descriptors.</summary>
/// <param name="Pidfd">Readable once it has ended.</param>
/// <param name="Stdin">Write end, or <see cref="Descriptor.None"/>.</param>
/// <param name="BehindSetpriv">Another program comes first and then becomes the command.</param>
internal readonly record struct StartedProcess(int ProcessId, int Pidfd, int Stdin, int Stdout, int Stderr, bool BehindSetpriv);

/// <summary>Starts processes, on the spawner's thread only.</summary>
internal sealed partial class ProcessStarter(ILogger logger) : IDisposable
{
    private const string Setpriv = "setpriv";

    private int _null = Descriptor.OpenNull();
    private string? _setpriv;

    /// <summary>
    /// setpriv of util-linux asks the kernel to kill the worker when the daemon dies. Other programs of that name do not
    /// know how, so it is tried once.
    /// </summary>
    internal void FindSetpriv(IReadOnlyDictionary<string, string> environment)
    {
        var probe = new LaunchPlan([Setpriv], environment, "/");
        if (ProgramLookup.TryFind(probe, out var path, out var error))
        {
            error = PosixSpawn.Start(
                new SpawnSetup
                {
                    Path = path,
                    Arguments = [path, "--pdeathsig", "KILL", "--", path, "--version"],
                    Environment = [],
                    Directory = "/",
                    Stdin = _null,
                    Stdout = _null,
                    Stderr = _null,
                },
                out var processId) is not 0 and var failure
                ? Errno.Text(failure)
                : ChildProcess.ReapAtEnd(processId) == 0 ? null : $"{path} does not know --pdeathsig";
        }

        if (error is null)
            _setpriv = path;
        else
            LogNoDeathSignal(error);
    }

    /// <summary>A process with its output, and its input where asked for, in pipes.</summary>
    internal bool TryStart(
        LaunchPlan plan, bool pipesInput, out StartedProcess process, [NotNullWhen(false)] out string? error)
    {
        process = default;
        if (!ProgramLookup.TryFind(plan, out var path, out error))
            return false;

        var (inputRead, inputWrite) = (Descriptor.None, Descriptor.None);
        var (outputRead, outputWrite) = (Descriptor.None, Descriptor.None);
        var (errorRead, errorWrite) = (Descriptor.None, Descriptor.None);
        try
        {
            if (pipesInput)
                (inputRead, inputWrite) = Descriptor.OpenPipe(readNonBlocking: false, writeNonBlocking: true);
            (outputRead, outputWrite) = Descriptor.OpenPipe(readNonBlocking: true, writeNonBlocking: false);
            (errorRead, errorWrite) = Descriptor.OpenPipe(readNonBlocking: true, writeNonBlocking: false);

            string[] arguments = [path, .. plan.Command.Skip(1)];
            var setup = new SpawnSetup
            {
                Path = _setpriv ?? path,
                Arguments = _setpriv is null ? arguments : [_setpriv, "--pdeathsig", "KILL", "--", .. arguments],
                Environment = [.. plan.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
                Directory = plan.Directory,
                Stdin = pipesInput ? inputRead : _null,
                Stdout = outputWrite,
                Stderr = errorWrite,
            };
            if (!TryStart(setup, out var processId, out var pidfd, out error))
                return false;

            // A setpriv that does not become the command cannot be told from a command that is setpriv.
            var behind = _setpriv is not null && Path.GetFileName(path) != Setpriv;
            process = new StartedProcess(processId, pidfd, inputWrite, outputRead, errorRead, behind);
            (inputWrite, outputRead, errorRead) = (Descriptor.None, Descriptor.None, Descriptor.None);
            return true;
        }
        catch (IOException exception)
        {
            error = exception.Message;
            return false;
        }
        finally
        {
            Descriptor.Close(ref inputRead);
            Descriptor.Close(ref inputWrite);
            Descriptor.Close(ref outputRead);
            Descriptor.Close(ref outputWrite);
            Descriptor.Close(ref errorRead);
            Descriptor.Close(ref errorWrite);
        }
    }

    /// <summary>The guard: deaf to stop signals, outlives this process, listens on a pipe.</summary>
    internal bool TryStartGuard(LaunchPlan plan, out StartedProcess process, [NotNullWhen(false)] out string? error)
    {
        process = default;
        if (!ProgramLookup.TryFind(plan, out var path, out error))
            return false;

        var (read, write) = (Descriptor.None, Descriptor.None);
        try
        {
            (read, write) = Descriptor.OpenPipe(readNonBlocking: false, writeNonBlocking: true);
            var setup = new SpawnSetup
            {
                Path = path,
                Arguments = [path, .. plan.Command.Skip(1)],
                Environment = [.. plan.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
                Directory = plan.Directory,
                Stdin = read,
                Stdout = _null,
                Stderr = _null,
                BlocksStopSignals = true,
            };
            if (!TryStart(setup, out var processId, out var pidfd, out error))
                return false;

            process = new StartedProcess(processId, pidfd, write, Descriptor.None, Descriptor.None, BehindSetpriv: false);
            write = Descriptor.None;
            return true;
        }
        catch (IOException exception)
        {
            error = exception.Message;
            return false;
        }
        finally
        {
            Descriptor.Close(ref read);
            Descriptor.Close(ref write);
        }
    }

    public void Dispose() => Descriptor.Close(ref _null);

    private static bool TryStart(in SpawnSetup setup, out int processId, out int pidfd, [NotNullWhen(false)] out string? error)
    {
        pidfd = Descriptor.None;
        var failure = PosixSpawn.Start(setup, out processId);
        if (failure != 0)
        {
            error = $"program '{setup.Path}' could not be started: {Errno.Text(failure)}";
            return false;
        }

        pidfd = ChildProcess.OpenPidfd(processId);
        if (pidfd >= 0)
        {
            error = null;
            return true;
        }

        // Nobody would see its end: better none than one that is not watched.
        error = $"pidfd_open: {Errno.Text(System.Runtime.InteropServices.Marshal.GetLastPInvokeError())}";
        ChildProcess.SignalGroup(processId, LinuxSignal.Kill);
        ChildProcess.ReapAtEnd(processId);
        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Workers are not killed by the kernel when the daemon dies, the guard and the sweep remain: {Reason}")]
    private partial void LogNoDeathSignal(string reason);
}
