using Xunit.Abstractions;

namespace Queued.Broker.Tests.Simulation;

public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_seed_keeps_every_promise()
    {
        var campaign = new Campaign(1, SimulationSettings.Seeds, SimulationSettings.Events);
        var failure = campaign.Run();
        output.WriteLine($"{campaign.Worlds} worlds, {campaign.Turns} turns");
        Assert.True(failure is null, failure?.Failure);
        Assert.Equal(SimulationSettings.Seeds, campaign.Worlds);
    }

    /// <summary>What a failing seed tells to run; without QUEUED_SEED it runs the first.</summary>
    [Fact]
    public void One_seed_keeps_every_promise()
    {
        var result = Simulator.Run(SimulationSettings.Seed ?? 1, SimulationSettings.Events);
        Assert.True(result.Failure is null, result.Failure);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(77)]
    [InlineData(4096)]
    public void The_same_seed_is_the_same_world(ulong seed)
    {
        var first = Simulator.Run(seed, 500);
        var second = Simulator.Run(seed, 500);
        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(first.Turns, second.Turns);
    }
}
