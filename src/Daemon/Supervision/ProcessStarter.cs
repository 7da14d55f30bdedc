using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>A process that was just started. Whoever gets it owns the descriptors.</summary>
/// <param name="Pidfd">Readable once it has ended.</param>
/// <param name="Stdin">Write end of its input, <see cref="Descriptor.None"/> where it has none.</param>
/// <param name="Stdout">Read end of its output, likewise.</param>
/// <param name="Stderr">Read end of its errors, likewise.</param>
/// <param name="BehindSetpriv">Another program comes first and then becomes the command.</param>
internal readonly record struct StartedProcess(
    int ProcessId, int Pidfd, int Stdin, int Stdout, int Stderr, bool BehindSetpriv)
{
    public static readonly StartedProcess None =
        new(0, Descriptor.None, Descriptor.None, Descriptor.None, Descriptor.None, BehindSetpriv: false);
}

/// <summary>What a process is to the daemon.</summary>
internal enum StartKind
{
    /// <summary>Its output is captured, it has no input, and it dies with the daemon.</summary>
    Worker,

    /// <summary>The same, with input.</summary>
    WorkerWithInput,

    /// <summary>Has input alone, hears no stop signal, and outlives the daemon.</summary>
    Guard,
}

/// <summary>Starts processes, on the spawner's thread only.</summary>
internal sealed partial class ProcessStarter(long descriptorMax, ILogger logger) : IDisposable
{
    private const string Setpriv = "setpriv";

    private int _null = Descriptor.OpenNull();
    private string? _setpriv;

    /// <summary>
    /// setpriv of util-linux asks the kernel to kill the worker when the daemon dies. Other programs of that name do
    /// not know how, so it is tried once.
    /// </summary>
    internal void FindSetpriv(IReadOnlyDictionary<string, string> environment)
    {
        if (!ProgramLookup.TryFind(new LaunchPlan([Setpriv], environment, "/"), out var path, out var error))
        {
            LogNoDeathSignal(error.Message);
            return;
        }

        var setup = new SpawnSetup
        {
            Path = path,
            Arguments = [path, "--pdeathsig", "KILL", "--", path, "--version"],
            Environment = [],
            Directory = "/",
            Stdin = _null,
            Stdout = _null,
            Stderr = _null,
        };
        var failure = PosixSpawn.Start(setup, out var processId);
        if (failure != 0)
            LogNoDeathSignal($"{path}: {Errno.Text(failure)}");
        else if (ChildProcess.ReapAtEnd(processId) != 0)
            LogNoDeathSignal($"{path} does not know --pdeathsig");
        else
            _setpriv = path;
    }

    internal bool TryStart(
        LaunchPlan plan, StartKind kind, out StartedProcess process, [NotNullWhen(false)] out SpawnError? error)
    {
        process = default;
        if (!ProgramLookup.TryFind(plan, out var path, out error))
            return false;

        var (inputRead, inputWrite) = (Descriptor.None, Descriptor.None);
        var (outputRead, outputWrite) = (Descriptor.None, Descriptor.None);
        var (errorRead, errorWrite) = (Descriptor.None, Descriptor.None);
        try
        {
            if (kind != StartKind.Worker)
                (inputRead, inputWrite) = Descriptor.OpenPipe(readNonBlocking: false, writeNonBlocking: true);
            if (kind != StartKind.Guard)
            {
                (outputRead, outputWrite) = Descriptor.OpenPipe(readNonBlocking: true, writeNonBlocking: false);
                (errorRead, errorWrite) = Descriptor.OpenPipe(readNonBlocking: true, writeNonBlocking: false);
            }

            // The kernel gives the lowest number that is free, so a high one tells that few are left.
            if (Math.Max(inputWrite, errorWrite) >= descriptorMax)
                throw Errno.Failure("pipe2", Errno.ProcessFilesMax);

            var setpriv = kind == StartKind.Guard ? null : _setpriv;
            string[] arguments = [path, .. plan.Command.Skip(1)];
            var setup = new SpawnSetup
            {
                Path = setpriv ?? path,
                Arguments = setpriv is null ? arguments : [setpriv, "--pdeathsig", "KILL", "--", .. arguments],
                Environment = [.. plan.Environment.Select(variable => $"{variable.Key}={variable.Value}")],
                Directory = plan.Directory,
                Stdin = inputRead >= 0 ? inputRead : _null,
                Stdout = outputWrite >= 0 ? outputWrite : _null,
                Stderr = errorWrite >= 0 ? errorWrite : _null,
                BlocksStopSignals = kind == StartKind.Guard,
            };
            if (!TrySpawn(setup, path, out var processId, out var pidfd, out error))
                return false;

            // A setpriv that does not become the command cannot be told from a command that is setpriv.
            var behind = setpriv is not null && Path.GetFileName(path) != Setpriv;
            process = new StartedProcess(processId, pidfd, inputWrite, outputRead, errorRead, behind);
            (inputWrite, outputRead, errorRead) = (Descriptor.None, Descriptor.None, Descriptor.None);
            return true;
        }
        catch (IOException exception)
        {
            error = new SpawnError(exception.Message) { IsForWantOfRoom = Errno.IsWantOfRoom(exception.HResult) };
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

    public void Dispose() => Descriptor.Close(ref _null);

    private static bool TrySpawn(
        in SpawnSetup setup,
        string program,
        out int processId,
        out int pidfd,
        [NotNullWhen(false)] out SpawnError? error)
    {
        pidfd = Descriptor.None;
        var failure = PosixSpawn.Start(setup, out processId);
        if (failure != 0)
        {
            error = SpawnError.NotStarted($"program '{program}' could not be started: {Errno.Text(failure)}", failure);
            return false;
        }

        pidfd = ChildProcess.OpenPidfd(processId);
        if (pidfd >= 0)
        {
            error = null;
            return true;
        }

        // Nobody would see its end: better none than one that is not watched.
        error = new SpawnError($"pidfd_open: {Errno.Text(Marshal.GetLastPInvokeError())}");
        ChildProcess.SignalGroup(processId, LinuxSignal.Kill);
        ChildProcess.ReapAtEnd(processId);
        return false;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Workers are not killed by the kernel when the daemon dies, the guard and the sweep remain: {Reason}")]
    private partial void LogNoDeathSignal(string reason);
}
