using Xunit.Abstractions;

namespace Queued.Broker.Tests.Simulation;

/// <summary>Queues of messages under a naive model, and the bugs that it must find.</summary>
public sealed class MessageSimulationTests(ITestOutputHelper output)
{
    private const int Seeds = 2000;
    private const int Events = 300;

    public static TheoryData<string> Planted() => new(MessageWorld.Mutants.Select(mutant => mutant.ToString()));

    [Fact]
    public void Every_seed_keeps_every_promise()
    {
        var seeds = Math.Min(Seeds, SimulationSettings.Seeds);
        var failure = FirstFailure(1, seeds, Mutant.None);
        output.WriteLine($"{seeds} worlds");
        Assert.True(failure is null, failure);
    }

    [Fact]
    public void One_seed_keeps_every_promise()
    {
        var failure = Run(SimulationSettings.Seed ?? 1, Mutant.None).Failure;
        Assert.True(failure is null, failure);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    public void The_same_seed_is_the_same_world(ulong seed) =>
        Assert.Equal(Run(seed, Mutant.None).Hash, Run(seed, Mutant.None).Hash);

    [Theory]
    [MemberData(nameof(Planted))]
    public void Planted_bug_is_found(string mutant)
    {
        var failure = FirstFailure(1, Seeds, Enum.Parse<Mutant>(mutant));
        Assert.NotNull(failure);
        output.WriteLine(failure);
    }

    private static string? FirstFailure(ulong first, int seeds, Mutant mutant)
    {
        var failures = new string?[seeds];
        var options = new ParallelOptions { MaxDegreeOfParallelism = SimulationSettings.Threads };
        Parallel.For(0, seeds, options, (index, loop) =>
        {
            failures[index] = Run(first + (ulong)index, mutant).Failure;
            if (failures[index] is not null) loop.Break();
        });
        return Array.Find(failures, failure => failure is not null);
    }

    private static (ulong Hash, string? Failure) Run(ulong seed, Mutant mutant)
    {
        var world = new MessageWorld(seed, Events, mutant);
        try
        {
            world.Run();
            return (world.Hash, null);
        }
        catch (Exception exception)
        {
            return (world.Hash,
                $"Seed {seed}: {exception.Message}\nAgain: QUEUED_SEED={seed} dotnet test tests/Broker -c Release " +
                $"--filter {nameof(MessageSimulationTests)}.One_seed\n{string.Join('\n', world.Last)}\n{exception}");
        }
    }
}
