using Queued.Broker;
using Queued.Daemon.Supervision;

namespace Queued.Daemon.Loop;

/// <summary>The real processes.</summary>
internal sealed class SupervisedProcesses(Supervisor supervisor) : IWorkerProcesses
{
    public void Start(WorkerId worker, PoolSettings pool) => supervisor.Start(worker, pool);

    public void StartExec(WorkerId worker, PoolSettings pool, Assignment assignment) =>
        supervisor.StartExec(worker, pool, assignment);

    public void Terminate(WorkerId worker) => supervisor.Terminate(worker);

    public void Kill(WorkerId worker) => supervisor.Kill(worker);

    public bool IsTokenValid(WorkerId worker, string token) => supervisor.IsTokenValid(worker, token);

    public void ReadPending(WorkerId worker) => supervisor.ReadPending(worker);
}
