using Xunit.Abstractions;

namespace Queued.Broker.Tests.Simulation;

/// <summary>Memory segments, simulated.</summary>
public sealed class MemorySimulationTests(ITestOutputHelper output)
{
    private const int Events = 300;

    public static TheoryData<string> Planted() => [.. Mutants.Select(mutant => mutant.ToString())];

    internal static Mutant[] Mutants { get; } =
    [
        Mutant.KeepSegmentsOfTheDead, Mutant.RemoveUnlinkedSegment, Mutant.ForgetGrownBytes, Mutant.KeepReadSegments,
        Mutant.DropUnreadSegments,
    ];

    [Fact]
    public void Every_seed_keeps_every_promise()
    {
        var failure = RunSegments(Math.Max(1, SimulationSettings.Seeds / 10), Mutant.None);
        Assert.True(failure is null, failure);
    }

    [Fact]
    public void Every_payload_in_a_segment_is_read_as_it_was_written()
    {
        var failure = RunPayloads(Math.Max(1, SimulationSettings.Seeds / 10), Mutant.None);
        Assert.True(failure is null, failure);
    }

    [Theory]
    [MemberData(nameof(Planted))]
    public void Planted_bug_is_found(string mutant)
    {
        var planted = Enum.Parse<Mutant>(mutant);
        var failure = RunSegments(100, planted) ?? RunPayloads(2000, planted);
        Assert.NotNull(failure);
        output.WriteLine(failure);
    }

    [Fact]
    public void The_same_seed_is_the_same_world()
    {
        var hashes = new ulong[2];
        for (var n = 0; n < 2; n++)
        {
            var world = new MemoryWorld(77, Mutant.None);
            world.Run(Events);
            hashes[n] = world.Hash;
        }

        Assert.Equal(hashes[0], hashes[1]);
        Assert.NotEqual(0UL, hashes[0]);
    }

    private static string? RunSegments(int seeds, Mutant mutant) =>
        Run(seeds, seed => new MemoryWorld(seed, mutant).Run(Events));

    private static string? RunPayloads(int seeds, Mutant mutant) =>
        Run(seeds, seed => new PayloadWorld(seed, mutant).Run(Events));

    private static string? Run(int seeds, Action<ulong> run)
    {
        for (var seed = SimulationSettings.Seed ?? 1; seed <= (ulong)seeds; seed++)
        {
            try
            {
                run(seed);
            }
#pragma warning disable CA1031 // Whatever it was, the seed belongs to it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return $"Seed {seed} (QUEUED_SEED={seed} finds it again): {exception}";
            }
        }

        return null;
    }
}
