using Xunit.Abstractions;

namespace Queued.Broker.Tests.Simulation;

/// <summary>Shared state in worlds of its own; see <see cref="StateWorld"/>.</summary>
public sealed class StateSimulationTests(ITestOutputHelper output)
{
    private const int Events = 300;

    /// <summary>The bugs that these worlds have to find.</summary>
    internal static readonly Mutant[] Mutants =
    [
        Mutant.KeepGrantOfDead, Mutant.LoseNotification, Mutant.ForgetDepth, Mutant.OutliveBarrier,
        Mutant.LoseLeasedGrant, Mutant.RepeatToken, Mutant.ForgetWatchesOfEvent, Mutant.KeepWatchesOfLeft,
    ];

    public static TheoryData<string> Planted() => new(Mutants.Select(mutant => mutant.ToString()));

    [Fact]
    public void Every_seed_answers_as_the_model_does()
    {
        var failure = Campaign(SimulationSettings.PartSeeds, Mutant.None);
        Assert.True(failure is null, failure?.Failure);
    }

    [Fact]
    public void One_seed_answers_as_the_model_does()
    {
        var run = StateWorld.Run(SimulationSettings.Seed ?? 1, Events);
        Assert.True(run.Failure is null, run.Failure);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    public void The_same_seed_is_the_same_world(ulong seed) =>
        Assert.Equal(StateWorld.Run(seed, Events), StateWorld.Run(seed, Events));

    [Theory]
    [MemberData(nameof(Planted))]
    public void Planted_bug_is_found(string mutant)
    {
        var failure = Campaign(2_000, Enum.Parse<Mutant>(mutant));
        Assert.NotNull(failure);
        output.WriteLine($"{mutant}: {failure.Failure}");
    }

    private static StateRun? Campaign(int seeds, Mutant mutant)
    {
        StateRun? first = null;
        var gate = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = SimulationSettings.Threads };
        Parallel.For(1, seeds + 1, options, (seed, loop) =>
        {
            var run = StateWorld.Run((ulong)seed, Events, mutant);
            if (run.Failure is null) return;
            loop.Break();
            lock (gate)
            {
                if (first is null || run.Seed < first.Seed) first = run;
            }
        });
        return first;
    }
}
