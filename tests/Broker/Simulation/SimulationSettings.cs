using System.Globalization;

namespace Queued.Broker.Tests.Simulation;

/// <summary>How much to simulate; the environment can ask for more or less.</summary>
internal static class SimulationSettings
{
    public static int Seeds => Read("QUEUED_SIM_SEEDS", 20_000);

    /// <summary>Of worlds of one part of the core.</summary>
    public static int SeedsOfPart => Read("QUEUED_SIM_SEEDS", 2000);

    /// <summary>Of the worlds that have one part of the core alone.</summary>
    public static int PartSeeds => Read("QUEUED_SIM_SEEDS", 2_000);

    public static int Events => Read("QUEUED_SIM_EVENTS", 500);

    /// <summary>How many of the last events a failure shows.</summary>
    public static int Last { get; } = Read("QUEUED_SIM_LAST", 60);

    public static ulong? Seed =>
        Environment.GetEnvironmentVariable("QUEUED_SEED") is { Length: > 0 } text
            ? ulong.Parse(text, CultureInfo.InvariantCulture)
            : null;

    public static int Threads => Math.Max(2, Environment.ProcessorCount);

    private static int Read(string name, int fallback) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : fallback;
}
