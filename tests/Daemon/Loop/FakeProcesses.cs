using System.Collections.Concurrent;
using Queued.Broker;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Tests.Loop;

/// <summary>Processes that only exist on paper. The token of a worker is <c>token-</c> and its id.</summary>
internal sealed class FakeProcesses : IWorkerProcesses
{
    private readonly ConcurrentQueue<string> _calls = new();

    public IReadOnlyList<string> Calls => [.. _calls];

    /// <summary>Called by <see cref="ReadPending"/>.</summary>
    public Action<WorkerId>? Pending { get; set; }

    /// <summary>Called by <see cref="Start"/>.</summary>
    public Action<WorkerId>? Started { get; set; }

    public void Start(WorkerId worker, PoolSettings pool)
    {
        _calls.Enqueue($"start {worker}");
        Started?.Invoke(worker);
    }

    public void StartExec(WorkerId worker, PoolSettings pool, Assignment assignment) =>
        _calls.Enqueue($"exec {worker} {assignment.Attempt}");

    public void Terminate(WorkerId worker) => _calls.Enqueue($"terminate {worker}");

    public void Kill(WorkerId worker) => _calls.Enqueue($"kill {worker}");

    public bool IsTokenValid(WorkerId worker, string token) => token == $"token-{worker}";

    public void ReadPending(WorkerId worker) => Pending?.Invoke(worker);
}
