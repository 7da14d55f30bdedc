using Queued.Broker;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// One worker's process: asked for, running, reaped. The lock keeps signals away from a number that may belong to
/// somebody else by now, and output in its order whoever reads it.
/// </summary>
internal sealed class WorkerProcess(WorkerId id, PoolSettings pool, byte[] token, ISupervisionEvents events)
{
    /// <summary>What is read from one pipe before others get their turn.</summary>
    internal const int ReadBytesMax = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly OutputTail _tail = new();
    private Phase _phase = Phase.Asked;
    private StartedProcess _process = StartedProcess.None;
    private int _signalAsked;
    private long _peakAtStart;
    private long _peakSampled;
    private int _pidfd = Descriptor.None;
    private int _stdin = Descriptor.None;
    private int _stdout = Descriptor.None;
    private int _stderr = Descriptor.None;

    private enum Phase
    {
        Asked,
        Running,
        Reaped,
    }

    internal WorkerId Id => id;

    internal PoolSettings Pool => pool;

    internal ReadOnlySpan<byte> Token => token;

    /// <summary>Set before it runs; null for a worker that is no exec command.</summary>
    internal ExecRun? Exec { get; set; }

    internal int ProcessId => _process.ProcessId;

    internal int Pidfd => _pidfd;

    internal int Stdin => _stdin;

    internal bool HasMemoryLimit => pool.MemorySoftBytes > 0 || pool.MemoryHardBytes > 0;

    /// <summary>SIGKILL was asked for, so that it tells nothing of the kernel's own reasons.</summary>
    internal bool WasKilled => _signalAsked == LinuxSignal.Kill;

    /// <summary>It is to end, or has no need to begin.</summary>
    internal bool WasSignalled
    {
        get
        {
            lock (_gate)
                return _signalAsked != 0;
        }
    }

    internal bool IsOutputOpen => _stdout >= 0 || _stderr >= 0;

    internal string OutputTail => _tail.ToString();

    internal int Output(OutputSource source) => source == OutputSource.Stdout ? _stdout : _stderr;

    /// <summary>The one way into running. A signal that came too early is sent now.</summary>
    internal void BecomeRunning(in StartedProcess process)
    {
        lock (_gate)
        {
            _process = process;
            (_pidfd, _stdin, _stdout, _stderr) = (process.Pidfd, process.Stdin, process.Stdout, process.Stderr);
            _peakAtStart = ChildProcess.OwnPeakResidentBytes();
            _phase = Phase.Running;
            if (_signalAsked != 0)
                ChildProcess.SignalGroup(ProcessId, _signalAsked);
        }
    }

    /// <summary>To the whole group. Nothing happens where it has already ended.</summary>
    internal void Signal(int signal)
    {
        lock (_gate)
        {
            if (_signalAsked != LinuxSignal.Kill)
                _signalAsked = signal;
            if (_phase == Phase.Running)
                ChildProcess.SignalGroup(ProcessId, signal);
        }
    }

    /// <summary>The one way out of running. Null: the kernel does not give it up yet.</summary>
    /// <param name="neverBecameCommand">What was started in front of the command could not run it.</param>
    internal ChildEnd? BecomeReaped(out bool neverBecameCommand)
    {
        lock (_gate)
        {
            // While the dead leader is not reaped, its group's number cannot be anybody else's.
            ChildProcess.SignalGroup(ProcessId, LinuxSignal.Kill);
            var program = _process.BehindSetpriv ? ChildProcess.ProgramName(ProcessId) : "";
            var end = ChildProcess.TryReap(ProcessId);
            neverBecameCommand = program == "setpriv" && end?.ExitCode is 126 or 127;
            if (end is null)
                return null;

            _phase = Phase.Reaped;
            Descriptor.Close(ref _pidfd);
            Descriptor.Close(ref _stdin);

            // Up to our own peak the number may be ours: the child began in our memory.
            var peak = end.Value.PeakResidentBytes > _peakAtStart ? end.Value.PeakResidentBytes : _peakSampled;
            return end.Value with { PeakResidentBytes = peak };
        }
    }

    /// <summary>What both pipes hold now, for whoever needs it before going on.</summary>
    internal void ReadPending(Span<byte> buffer)
    {
        lock (_gate)
        {
            // After that its output is for the reactor alone.
            if (_phase != Phase.Running)
                return;
            var (stdout, stderr) = Descriptor.HaveData(_stdout, _stderr);
            if (stdout)
                Read(OutputSource.Stdout, buffer, ReadBytesMax);
            if (stderr)
                Read(OutputSource.Stderr, buffer, ReadBytesMax);
        }
    }

    /// <summary>Reads what is there, up to a limit. False: the pipe has ended.</summary>
    internal bool Read(OutputSource source, Span<byte> buffer, int bytesMax)
    {
        lock (_gate)
        {
            while (bytesMax > 0)
            {
                if (Descriptor.Read(Output(source), buffer[..Math.Min(buffer.Length, bytesMax)]) is not { } count)
                    return true;
                if (count == 0)
                    return false;

                var data = buffer[..count];
                _tail.Append(source, data);
                Exec?.Append(source, data);
                events.Output(id, source, data);
                bytesMax -= count;
            }

            return true;
        }
    }

    internal void CloseOutput(OutputSource source)
    {
        lock (_gate)
            Descriptor.Close(ref source == OutputSource.Stdout ? ref _stdout : ref _stderr);
    }

    internal void CloseInput()
    {
        lock (_gate)
            Descriptor.Close(ref _stdin);
    }

    /// <summary>On the thread that reaps it, so that the number is still its own.</summary>
    internal long SampleResidentBytes()
    {
        var descriptor = Descriptor.TryOpen($"/proc/{ProcessId}/statm");
        if (descriptor < 0)
            return 0;

        Span<byte> line = stackalloc byte[128];
        var count = Descriptor.Read(descriptor, line) ?? 0;
        Descriptor.Close(ref descriptor);
        var pages = ResidentPages(line[..count]);
        var bytes = pages * Environment.SystemPageSize;
        _peakSampled = Math.Max(_peakSampled, bytes);
        return bytes;
    }

    // "size resident shared …", in pages.
    private static long ResidentPages(ReadOnlySpan<byte> line)
    {
        var rest = line[(line.IndexOf((byte)' ') + 1)..];
        return System.Buffers.Text.Utf8Parser.TryParse(rest, out long pages, out _) ? pages : 0;
    }
}
