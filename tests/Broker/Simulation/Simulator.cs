using System.Globalization;

namespace Queued.Broker.Tests.Simulation;

/// <summary>One seed, one world. What it prints on a failure is all that is needed to see it again.</summary>
internal static class Simulator
{
    public static RunResult Run(ulong seed, int events, Mutant mutant = Mutant.None)
    {
        var world = new World(seed, events, mutant);
        try
        {
            world.Run();
            return new RunResult(seed, world.Turns, world.Transcript.Hash, null);
        }
        catch (Exception exception)
        {
            return new RunResult(seed, world.Turns, world.Transcript.Hash, Describe(world, seed, events, exception));
        }
    }

    private static string Describe(World world, ulong seed, int events, Exception exception) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        Seed {seed}, turn {world.Turns}: {exception.Message}
        Again: QUEUED_SEED={seed} QUEUED_SIM_EVENTS={events} dotnet test tests/Broker -c Release --filter One_seed
        Traits: {world.Swarm}
        {world.Transcript}
        {exception}
        """);
}

/// <param name="Seed">The world.</param>
/// <param name="Turns">How often the core was called to change something.</param>
/// <param name="Hash">Over all that happened.</param>
/// <param name="Failure">Null: everything was right.</param>
internal sealed record RunResult(ulong Seed, int Turns, ulong Hash, string? Failure);
