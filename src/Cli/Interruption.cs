using System.Runtime.InteropServices;

namespace Queued.Cli;

/// <summary>
/// Ctrl-C and SIGTERM. The first one asks the verb to stop, which may take a round trip (a task is cancelled, its last
/// output is shown); the second one ends the process on the spot.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _exitCode;

    public CancellationToken Token => _source.Token;

    /// <summary>128 + the signal that came first; 130 while none did.</summary>
    public int ExitCode => _exitCode == 0 ? Cli.ExitCode.Interrupted : _exitCode;

    public static Interruption BySignals()
    {
        var interruption = new Interruption();
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
            interruption._registrations.Add(PosixSignalRegistration.Create(signal, interruption.OnSignal));
        return interruption;
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    /// <summary>What a signal does; tests call it in place of one.</summary>
    public bool Interrupt(int exitCode)
    {
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) != 0)
            return false;
        // Not on the signal's thread: what hangs on the token must not hold up the next signal.
        _ = _source.CancelAsync();
        return true;
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        int exitCode = context.Signal switch
        {
            PosixSignal.SIGTERM => Cli.ExitCode.Terminated,
            PosixSignal.SIGHUP => Cli.ExitCode.OfSignal(1),
            _ => Cli.ExitCode.Interrupted,
        };
        if (!Interrupt(exitCode))
            Environment.Exit(ExitCode);
    }
}
