using System.Runtime.InteropServices;

namespace Queued.Daemon.Hosting;

/// <summary>
/// Who asks the daemon to stop, from the first line of its life: the first SIGTERM or SIGINT asks, the second forces.
/// </summary>
internal sealed class ShutdownRequests : IDisposable
{
    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _forced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<PosixSignalRegistration> _registrations = [];

    public ShutdownRequests()
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, AskOrForce));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, AskOrForce));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, Ignore));
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

    private void Ignore(PosixSignalContext context)
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
