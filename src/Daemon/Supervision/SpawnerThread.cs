using System.Collections.Concurrent;

namespace Queued.Daemon.Supervision;

/// <summary>
/// The one thread that starts processes. It lives as long as they do: the kernel takes the end of the thread that
/// started a process for the end of its parent (PR_SET_PDEATHSIG).
/// </summary>
internal sealed class SpawnerThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    internal SpawnerThread()
    {
        _thread = new Thread(Run) { Name = "queued-spawner", IsBackground = true };
        _thread.Start();
    }

    /// <summary>In order. Never waits.</summary>
    internal void Post(Action work) => _work.Add(work);

    /// <summary>After every process that was started here has ended.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
            work();
    }
}
