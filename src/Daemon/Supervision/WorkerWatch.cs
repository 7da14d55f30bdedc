using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// Follows one running worker on the reactor's thread, from its start until it is reaped and its pipes are closed.
/// Its end is the kernel's word alone; a pipe that stays open in somebody else's hands holds nothing up.
/// </summary>
internal sealed class WorkerWatch(
    Reactor reactor,
    WorkerProcess worker,
    ISupervisionEvents events,
    byte[] buffer,
    Action<WorkerProcess, ChildEnd, bool> reaped)
{
    private const int LastOutputBytesMax = 1024 * 1024;

    /// <summary>A command's result waits this long for the last writes of what the command started.</summary>
    private static readonly TimeSpan ExecOutputGrace = TimeSpan.FromMilliseconds(200);

    /// <summary>What is left behind may write this long.</summary>
    private static readonly TimeSpan HeldOutputGrace = TimeSpan.FromSeconds(1);

    /// <summary>Output that must wait is asked for again.</summary>
    private static readonly TimeSpan ReadAgain = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan ReapAgain = TimeSpan.FromMilliseconds(10);

    private ulong _exit;
    private ulong _input;
    private ulong _stdout;
    private ulong _stderr;
    private bool _hasEnded;
    private bool _isReaped;

    internal void Begin()
    {
        _exit = reactor.Watch(worker.Pidfd, Epoll.Readable, OnExit);
        WatchOutput();
        if (worker.Stdin >= 0)
            _input = reactor.Watch(worker.Stdin, Epoll.Writable, OnWritable);
    }

    private void WatchOutput()
    {
        if (worker.Output(OutputSource.Stdout) >= 0)
            _stdout = WatchOutput(OutputSource.Stdout);
        if (worker.Output(OutputSource.Stderr) >= 0)
            _stderr = WatchOutput(OutputSource.Stderr);
    }

    private ulong WatchOutput(OutputSource source) =>
        reactor.Watch(worker.Output(source), Epoll.Readable, () => OnReadable(source));

    private void OnReadable(OutputSource source)
    {
        // Its end is seen all the same, and what the pipes hold is read then.
        if (!_hasEnded && events.MustWait(worker.Id))
        {
            UnwatchOutput();
            reactor.Schedule(ReadAgain, WatchAgain);
            return;
        }

        if (worker.Read(source, buffer, WorkerProcess.ReadBytesMax))
            return;
        Close(source);
        if (_hasEnded && !_isReaped && !worker.IsOutputOpen)
            Reap();
    }

    private void UnwatchOutput()
    {
        if (worker.Output(OutputSource.Stdout) is >= 0 and var stdout)
            reactor.Unwatch(_stdout, stdout);
        if (worker.Output(OutputSource.Stderr) is >= 0 and var stderr)
            reactor.Unwatch(_stderr, stderr);
    }

    private void WatchAgain()
    {
        if (!_hasEnded && events.MustWait(worker.Id))
            reactor.Schedule(ReadAgain, WatchAgain);
        else
            WatchOutput();
    }

    private void OnWritable()
    {
        if (!worker.Exec!.Feed(worker.Stdin))
            CloseInput();
    }

    private void OnExit()
    {
        _hasEnded = true;
        reactor.Unwatch(_exit, worker.Pidfd);
        CloseInput();
        if (worker.Exec is not null && !ReadLast())
            reactor.Schedule(ExecOutputGrace, Reap);
        else
            Reap();
    }

    private void Reap()
    {
        if (_isReaped)
            return;
        if (worker.BecomeReaped(out var neverBecameCommand) is not { } end)
        {
            // A debugger may hold the dead process for a moment.
            reactor.Schedule(ReapAgain, Reap);
            return;
        }

        _isReaped = true;
        var closed = ReadLast();
        reaped(worker, end, neverBecameCommand);
        if (!closed)
            reactor.Schedule(HeldOutputGrace, CloseOutput);
    }

    /// <summary>What is in the pipes now. True: both have ended.</summary>
    private bool ReadLast()
    {
        ReadLast(OutputSource.Stdout);
        ReadLast(OutputSource.Stderr);
        return !worker.IsOutputOpen;
    }

    private void ReadLast(OutputSource source)
    {
        if (worker.Output(source) >= 0 && !worker.Read(source, buffer, LastOutputBytesMax))
            Close(source);
    }

    private void CloseOutput()
    {
        Close(OutputSource.Stdout);
        Close(OutputSource.Stderr);
    }

    private void Close(OutputSource source)
    {
        if (worker.Output(source) is not (>= 0 and var descriptor))
            return;
        reactor.Unwatch(source == OutputSource.Stdout ? _stdout : _stderr, descriptor);
        worker.CloseOutput(source);
    }

    private void CloseInput()
    {
        if (worker.Stdin < 0)
            return;
        reactor.Unwatch(_input, worker.Stdin);
        worker.CloseInput();
    }
}
