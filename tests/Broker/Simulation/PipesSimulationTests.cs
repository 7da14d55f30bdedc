using System.Globalization;
using Xunit.Abstractions;

namespace Queued.Broker.Tests.Simulation;

public sealed class PipesSimulationTests(ITestOutputHelper output)
{
    private const int SeedsMax = 2000;
    private const int Events = 300;

    /// <summary>Bugs of pipes, which other worlds cannot find.</summary>
    internal static IReadOnlyList<Mutant> Mutants { get; } =
    [
        Mutant.PipeLosesWaitingSends, Mutant.PipeEndOvertakes, Mutant.PipeIgnoresRoom, Mutant.PipeForgetsSenders,
        Mutant.PipeForgetsWatches,
    ];

    public static TheoryData<string> Planted()
    {
        var names = new TheoryData<string>();
        foreach (var mutant in Mutants) names.Add(mutant.ToString());
        return names;
    }

    [Fact]
    public void Every_seed_keeps_every_promise_of_pipes()
    {
        var failure = Run(SimulationSettings.SeedsOfPart, Mutant.None);
        Assert.True(failure is null, failure);
    }

    /// <summary>What a failing seed tells to run; without QUEUED_SEED it runs the first.</summary>
    [Fact]
    public void One_seed_of_pipes_keeps_every_promise()
    {
        var failure = Try(SimulationSettings.Seed ?? 1, Mutant.None);
        Assert.True(failure is null, failure);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(77)]
    public void The_same_seed_is_the_same_world_of_pipes(ulong seed)
    {
        var (first, second) = (new PipesWorld(seed, Events, Mutant.None), new PipesWorld(seed, Events, Mutant.None));
        first.Run();
        second.Run();
        Assert.Equal(first.Transcript, second.Transcript);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void Planted_bug_of_pipes_is_found(string mutant)
    {
        var failure = Run(SeedsMax, Enum.Parse<Mutant>(mutant));
        Assert.NotNull(failure);
        output.WriteLine(failure);
    }

    private static string? Run(long seeds, Mutant mutant)
    {
        for (var seed = 1UL; seed <= (ulong)seeds; seed++)
        {
            if (Try(seed, mutant) is { } failure) return failure;
        }

        return null;
    }

    private static string? Try(ulong seed, Mutant mutant)
    {
        var world = new PipesWorld(seed, Events, mutant);
        try
        {
            world.Run();
            return null;
        }
        catch (Exception exception)
        {
            var last = world.Transcript.Split('\n').TakeLast(SimulationSettings.Last);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"""
                Seed {seed}: {exception.Message}
                Again: QUEUED_SEED={seed} dotnet test tests/Broker -c Release --filter One_seed_of_pipes
                {string.Join('\n', last)}
                {exception}
                """);
        }
    }
}
