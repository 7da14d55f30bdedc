using Queued.Broker;

namespace Queued.Daemon.Loop;

/// <summary>The processes of workers, as the loop and the edge see them. No call blocks.</summary>
internal interface IWorkerProcesses
{
    void Start(WorkerId worker, PoolSettings pool);

    void StartExec(WorkerId worker, PoolSettings pool, Assignment assignment);

    void Terminate(WorkerId worker);

    void Kill(WorkerId worker);

    bool IsTokenValid(WorkerId worker, string token);

    /// <summary>Hands on what the worker has written up to now, before it returns.</summary>
    void ReadPending(WorkerId worker);
}
