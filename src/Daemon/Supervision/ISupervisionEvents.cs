using Queued.Broker;

namespace Queued.Daemon.Supervision;

/// <summary>Where captured output came from.</summary>
internal enum OutputSource : byte
{
    Stdout = 1,
    Stderr = 2,
}

/// <summary>
/// What the supervisor tells. Of each worker in this order: <see cref="Spawned"/>, then samples and output, then
/// <see cref="Exited"/>. Or <see cref="SpawnFailed"/>, which is the last word; it comes after <see cref="Spawned"/>
/// only where the new process itself finds out that it cannot run the command.
/// Called from the supervisor's own threads, and from the caller of <see cref="Supervisor.ReadPending"/>.
/// </summary>
/// <remarks>
/// <see cref="Output"/> is called under the worker's lock: it must not wait for anybody who may call the supervisor.
/// It may still be called up to a second after <see cref="Exited"/>, for output of what the worker left behind.
/// </remarks>
internal interface ISupervisionEvents
{
    void Spawned(WorkerId worker, int processId);

    void SpawnFailed(WorkerId worker, SpawnError error);

    /// <param name="execResult">For an exec worker: its result, in the content type of its input.</param>
    void Exited(WorkerId worker, ProcessExit exit, TaskPayload? execResult);

    void Sampled(WorkerId worker, long residentBytes);

    /// <summary>
    /// Asked before output is read. True: not yet, and it is asked again; the process meanwhile waits for its pipe.
    /// What is there when it ends is read in any case.
    /// </summary>
    bool MustWait(WorkerId worker);

    /// <param name="data">Valid during the call.</param>
    void Output(WorkerId worker, OutputSource source, ReadOnlySpan<byte> data);
}
