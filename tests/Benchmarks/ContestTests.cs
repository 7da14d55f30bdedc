namespace Queued.Benchmarks.Tests;

/// <summary>The contests themselves, with contenders that do nothing: no peer is needed.</summary>
public sealed class ContestTests
{
    private static readonly BenchOptions Quick = new(IsQuick: true, Native: null, Out: "", Page: null);

    private readonly Report _report = new() { Name = "test", Conditions = Conditions.Now(Quick) };
    private readonly List<string> _calls = [];

    [Fact]
    public async Task Contenders_take_turns()
    {
        await new Contest(_report, "title", "item").RunAsync(
            Quick, [new Fake("a", _calls, 4), new Fake("b", _calls, 2)]);

        Assert.Equal(["a", "b", "a", "b", "a", "b"], _calls[^6..]);
        Assert.Equal(["a", "b"], _report.Contests.Single().Contenders.Select(figures => figures.Name));
    }

    [Fact]
    public async Task Ratio_is_that_of_each_round()
    {
        var contest = new Contest(_report, "title", "item");
        await contest.RunAsync(Quick, [new Fake("a", _calls, 4000), new Fake("b", _calls, 1000)]);
        contest.Compare("what", "a", "b", Target.AtLeast(3), figures => figures.Rate);

        var row = _report.Rows.Single();
        Assert.All(row.Values!.Values, ratio => Assert.Equal(4, ratio, precision: 6));
        Assert.Equal("yes", row.Verdict);
    }

    [Fact]
    public async Task All_do_as_many_items_as_the_slowest_where_they_have_to()
    {
        var contest = new Contest(_report, "title", "item") { IsOfOneCount = true };
        await contest.RunAsync(Quick, [new Fake("a", _calls, 4000), new Fake("b", _calls, 1000)]);

        Assert.Equal(contest.Of("b")!.ItemsPerRound, contest.Of("a")!.ItemsPerRound);
    }

    [Fact]
    public async Task Peer_that_is_missing_is_named_and_the_others_go_on()
    {
        var contest = new Contest(_report, "title", "item");
        await contest.RunAsync(
            Quick, [new Fake("a", _calls, 4), new Fake("b", _calls, 4) { Missing = "it is not here" }]);
        contest.Compare("what", "a", "b", Target.AtLeast(1), figures => figures.Rate);

        Assert.Equal(new Missing("b", "it is not here"), _report.Missing.Single());
        Assert.Empty(_report.Failures);
        Assert.NotNull(contest.Of("a"));
        Assert.Equal("not measured", _report.Rows.Single().Verdict);
        Assert.Contains("Left out: b (it is not here).", Tables.Of(_report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peer_that_breaks_in_the_middle_is_a_failure_and_the_others_go_on()
    {
        var contest = new Contest(_report, "title", "item");
        await contest.RunAsync(Quick, [new Fake("a", _calls, 4) { BreaksAfter = 2 }, new Fake("b", _calls, 4)]);

        Assert.Contains("its output", _report.Failures.Single(), StringComparison.Ordinal);
        Assert.Null(contest.Of("a"));
        Assert.Equal(3, contest.Of("b")!.Rate.Values.Count);
    }

    [Fact]
    public async Task Report_says_the_same_when_it_was_written_and_read()
    {
        await new Contest(_report, "title", "item").RunAsync(Quick, [new Fake("a", _calls, 4)]);
        _report.Rows.Add(new Row("what", "µs", Target.AtMost(2, 1), new Series([1.5, 2.5, 0.5])));
        _report.Figures.Add(new Figure("figure", "MB", new Series([7])));
        using var folder = new BenchFolder();
        _report.Save(folder.Path);

        Assert.Equal(Tables.Of(_report), Tables.Of(Report.Load(folder.Path, "test")!));
        Assert.Null(Report.Load(folder.Path, "other"));
    }

    private sealed class Fake : Contender
    {
        private readonly List<string> _calls;
        private readonly double _rate;
        private int _rounds;

        public Fake(string name, List<string> calls, double rate)
            : base(name)
        {
            (_calls, _rate) = (calls, rate);
            // One round of it, whatever it takes.
            WarmUp = TimeSpan.Zero;
        }

        public string? Missing { get; init; }

        public int BreaksAfter { get; init; } = int.MaxValue;

        public override Task StartAsync() =>
            Missing is null ? Task.CompletedTask : throw new PeerMissingException(Missing);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        protected override IEnumerable<int> Processes() => [Environment.ProcessId];

        protected override Task<Lap> WorkAsync(int count)
        {
            if (++_rounds > BreaksAfter) throw new PeerFailedException("its output");
            _calls.Add(Name);
            return Task.FromResult(new Lap(count / _rate, [1, 2, 3]));
        }
    }
}
