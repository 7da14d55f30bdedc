namespace Queued.Daemon.Tests.Allocations;

/// <summary>
/// What the way of a task through the daemon allocates, against what was recorded: time depends on the machine and on
/// who else uses it, this does not. Much less fails as well, so that what was won is recorded and cannot be lost again.
/// </summary>
public sealed class AllocationTests : IDisposable
{
    /// <summary>Until everything is compiled and every list is as long as it gets.</summary>
    private const int RoundsBefore = 60;

    private const int Rounds = 20;

    private readonly DaemonWays _ways = new();

    public static TheoryData<string> Ways { get; } = [.. DaemonWays.Names];

    public void Dispose() => _ways.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_task_allocates_what_is_recorded(string way)
    {
        var measure = _ways.Get(way);
        for (var round = 0; round < RoundsBefore; round++) measure();
        // Sometimes a table grows, or a method is compiled once more: the least is what a task needs.
        var bytes = Enumerable.Range(0, Rounds).Min(_ => measure()) / (double)DaemonWays.Tasks;
        if (Environment.GetEnvironmentVariable("UPDATE_ALLOCATIONS") == "1") Recorded.Write(way, bytes);

        var difference = Recorded.Compare(way, bytes);
        Assert.True(difference is null, difference);
    }

    [Theory]
    [InlineData(0.85, "less")]
    [InlineData(0.95, null)]
    [InlineData(1.05, null)]
    [InlineData(1.15, "more")]
    public void More_than_a_tenth_is_told(double share, string? told)
    {
        var way = DaemonWays.Names[0];
        var recorded = Recorded.Read()[way];
        var difference = Recorded.Compare(way, recorded * share);

        if (told is null) Assert.Null(difference);
        else Assert.Contains($" {told} than the {recorded} that are recorded", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_way_is_recorded_and_nothing_else() =>
        Assert.Equal(DaemonWays.Names.Order(StringComparer.Ordinal), Recorded.Read().Keys);
}
