using System.Runtime.InteropServices;

namespace Queued.Daemon.Hosting;

/// <summary>
/// Who asks the daemon to stop, from the first line of its life: the first SIGTERM or SIGINT asks, the second forces.
/// A private daemon has its owner's process group, so that Ctrl-C at the owner comes here too. It is not for us: the
/// owner may have work to finish, and stops us by the end of standard input. Who sends SIGTERM means us.
/// </summary>
internal sealed class ShutdownRequests : IDisposable
{
    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _forced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];

    public ShutdownRequests(bool isPrivate)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, AskOrForce));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, isPrivate ? Ignore : AskOrForce));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, IgnoreHangUp));
    }

    /// <summary>SIGHUP came. It stops nothing.</summary>
    public event Action? HangUp;

    /// <summary>Completes with the reason when the daemon is to stop, soon or at once.</summary>
    public Task<string> Asked => _asked.Task;

    /// <summary>Completes with the reason when the daemon is to stop at once.</summary>
    public Task<string> Forced => _forced.Task;

    public void Ask(string reason) => _asked.TrySetResult(reason);

    public void Force(string reason)
    {
        _forced.TrySetResult(reason);
        _asked.TrySetResult(reason);
    }

    /// <summary>Forces when standard input ends: whoever started the daemon is gone.</summary>
    public void ForceAtEndOfInput() => new Thread(ReadInput) { IsBackground = true, Name = "stdin" }.Start();

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void AskOrForce(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_asked.TrySetResult(context.Signal.ToString()))
        {
            Force($"a second {context.Signal}");
        }
    }

    private static void Ignore(PosixSignalContext context) => context.Cancel = true;

    private void IgnoreHangUp(PosixSignalContext context)
    {
        context.Cancel = true;
        HangUp?.Invoke();
    }

    private void ReadInput()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[256];
        try
        {
            while (input.Read(ignored) > 0)
            {
            }

            Force("the end of standard input");
        }
        catch (IOException e)
        {
            Force($"standard input cannot be read: {e.Message}");
        }
    }
}
