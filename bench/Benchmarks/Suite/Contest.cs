using System.Diagnostics;

namespace Queued.Benchmarks;

/// <summary>Contenders who take turns, A B C A B C, so that what else the machine does falls on all of them.</summary>
internal sealed class Contest(Report report, string title, string item)
{
    /// <summary>From one round of the warm-up to the next: a bad guess must not become minutes.</summary>
    private const double GrowthMax = 10;

    private const int CountMax = 1_000_000;
    private const int FullWarmUps = 3;

    private readonly List<Entry> _entries = [];
    private readonly List<ContenderFigures> _figures = [];

    /// <summary>All do as many items in a round as the slowest can. Else each does what fits in.</summary>
    public bool IsOfOneCount { get; init; }

    /// <summary>Of a full run: more where a small difference is looked for.</summary>
    public int FullRounds { get; init; } = 9;

    /// <summary>
    /// Brings the contenders to their start and lets them run. Those that break are named, and the others go on. All of
    /// them are disposed of.
    /// </summary>
    public async Task RunAsync(BenchOptions options, IEnumerable<Contender> contenders)
    {
        var all = contenders.ToArray();
        try
        {
            foreach (var contender in all) await StartAsync(contender, options);
            if (IsOfOneCount && _entries.Count > 0)
            {
                var count = _entries.Min(entry => entry.Count);
                foreach (var entry in _entries) entry.Count = count;
            }

            for (var round = 0; round < options.Rounds(full: FullRounds, quick: 3); round++)
            {
                foreach (var entry in _entries.ToArray()) await TryAsync(entry, async () =>
                    entry.Rounds.Add(await entry.Contender.RunAsync(entry.Count)));
            }
        }
        finally
        {
            foreach (var contender in all) await contender.DisposeAsync();
        }

        _figures.AddRange(_entries.Select(entry => ContenderFigures.Of(entry.Contender.Name, entry.Rounds)));
        report.Contests.Add(new ContestResult(title, item, _figures));
    }

    /// <returns>Null: it did not take part, or broke.</returns>
    public ContenderFigures? Of(string contender) => _figures.Find(figures => figures.Name == contender);

    /// <summary>A comparison of two of them with its target, whether or not both are there.</summary>
    public void Compare(
        string what, string ours, string peer, Target target, Func<ContenderFigures, Series> series,
        double peerFactor = 1)
    {
        var unit = target.IsAtLeast ? "× as fast" : "× as long";
        if (Of(ours) is { } left && Of(peer) is { } right)
            report.Rows.Add(new Row(what, unit, target, Series.Ratio(series(left), series(right).Times(peerFactor))));
        else
            report.Rows.Add(new Row(what, unit, target, null));
    }

    private async Task StartAsync(Contender contender, BenchOptions options)
    {
        var entry = new Entry(contender);
        _entries.Add(entry);
        await TryAsync(entry, async () =>
        {
            await contender.StartAsync();
            var seconds = options.IsQuick ? 0.25 : 1;
            var warmUp = contender.WarmUp * (options.IsQuick ? 1 : FullWarmUps);
            entry.Count = contender.FirstCount;
            var begun = Stopwatch.GetTimestamp();
            do
            {
                var fits = (await contender.RunAsync(entry.Count)).Rate * seconds;
                fits = Math.Min(fits, Math.Min(GrowthMax * entry.Count, CountMax));
                entry.Count = (int)Math.Max(fits, contender.CountMin);
            }
            while (Stopwatch.GetElapsedTime(begun) < warmUp);
        });
    }

    private async Task TryAsync(Entry entry, Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (PeerMissingException exception)
        {
            report.Missing.Add(new Missing(entry.Contender.Name, exception.Message));
            _entries.Remove(entry);
        }
        catch (PeerFailedException exception)
        {
            report.Failures.Add($"{title}: {entry.Contender.Name}: {exception.Message}");
            _entries.Remove(entry);
        }
    }

    private sealed class Entry(Contender contender)
    {
        public Contender Contender { get; } = contender;

        public int Count { get; set; }

        public List<Round> Rounds { get; } = [];
    }
}
