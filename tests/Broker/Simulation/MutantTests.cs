using Xunit.Abstractions;

namespace Queued.Broker.Tests.Simulation;

/// <summary>A simulator that finds nothing proves nothing: each planted bug must be found.</summary>
public sealed class MutantTests(ITestOutputHelper output)
{
    private const int SeedsMax = 10_000;
    private const int PlantedMin = 30;

    public static TheoryData<string> Planted()
    {
        var names = new TheoryData<string>();
        // Those of a world of their own are found there.
        var elsewhere = MessageWorld.Mutants.Concat(MemorySimulationTests.Mutants)
            .Concat(PipesSimulationTests.Mutants).Concat(StateSimulationTests.Mutants).ToHashSet();
        foreach (var mutant in Enum.GetValues<Mutant>())
        {
            if (mutant != Mutant.None && !elsewhere.Contains(mutant)) names.Add(mutant.ToString());
        }

        return names;
    }

    [Fact]
    public void There_are_many_of_them()
    {
        var planted = Enum.GetValues<Mutant>();
        Assert.True(planted.Length > PlantedMin, $"{planted.Length - 1} bugs are planted");
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void Planted_bug_is_found(string mutant)
    {
        var campaign = new Campaign(1, SeedsMax, 500, Enum.Parse<Mutant>(mutant));
        var failure = campaign.Run();
        Assert.NotNull(failure);
        output.WriteLine($"{mutant}: seed {failure.Seed}, after {campaign.Worlds} worlds\n{failure.Failure}");
    }
}
