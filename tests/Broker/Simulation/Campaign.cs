namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// Many seeds on all cores. Stops at the first failure, and says which seed is the lowest that failed.
/// </summary>
internal sealed class Campaign(ulong firstSeed, long seeds, int events, Mutant mutant = Mutant.None)
{
    private long _worlds;
    private long _turns;

    public long Worlds => Interlocked.Read(ref _worlds);

    public long Turns => Interlocked.Read(ref _turns);

    /// <summary>The failure; null: all seeds were right.</summary>
    public RunResult? Run(CancellationToken cancellationToken = default)
    {
        RunResult? failure = null;
        var gate = new Lock();
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = SimulationSettings.Threads,
            CancellationToken = cancellationToken,
        };
        Parallel.For(0, seeds, options, (index, loop) =>
        {
            var result = Simulator.Run(firstSeed + (ulong)index, events, mutant);
            Interlocked.Increment(ref _worlds);
            Interlocked.Add(ref _turns, result.Turns);
            if (result.Failure is null) return;
            loop.Break();
            lock (gate)
            {
                if (failure is null || result.Seed < failure.Seed) failure = result;
            }
        });
        return failure;
    }
}
