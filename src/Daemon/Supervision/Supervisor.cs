using Queued.Broker;

namespace Queued.Daemon.Supervision;

internal sealed class Supervisor(SupervisorOptions options, ISupervisionEvents events, ILogger<Supervisor> logger) : IAsyncDisposable
{
    public void Start(WorkerId worker, PoolSettings pool) => throw new NotSupportedException($"{options}{events}{logger}{worker}{pool}");

    public void StartExec(WorkerId worker, PoolSettings pool, Assignment assignment) => Start(worker, pool);

    public void Terminate(WorkerId worker) => throw new NotSupportedException($"{options}{worker}");

    public void Kill(WorkerId worker) => Terminate(worker);

    public bool IsTokenValid(WorkerId worker, string token) => throw new NotSupportedException($"{options}{worker}{token}");

    public void ReadPending(WorkerId worker) => Terminate(worker);

    /// <summary>The guard removes the file or directory after the daemon has ended, however it ended.</summary>
    public void RemoveAtEnd(string path) => throw new NotSupportedException($"{options}{path}");

    public ValueTask DisposeAsync() => throw new NotSupportedException($"{options}");
}
