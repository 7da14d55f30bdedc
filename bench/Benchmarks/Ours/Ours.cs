namespace Queued.Benchmarks;

/// <summary>This program as a client of a daemon that was started before, and is shared with others.</summary>
/// <param name="name">As it stands in the tables.</param>
/// <param name="daemon">Its workers are among its descendants. Null: this program does it alone.</param>
/// <param name="workAsync">A round.</param>
internal sealed class Ours(string name, BenchDaemon? daemon, Func<int, Task<Lap>> workAsync) : Contender(name)
{
    /// <summary>Another process that takes part. It goes with this contender.</summary>
    public Driver? Other { get; init; }

    public override Task StartAsync() => Task.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        if (Other is not null) await Other.DisposeAsync();
    }

    protected override IEnumerable<int> Processes()
    {
        int?[] others = [daemon?.ProcessId, Other?.ProcessId];
        return [Environment.ProcessId, .. ProcessTree.Of(others.OfType<int>())];
    }

    protected override Task<Lap> WorkAsync(int count) => workAsync(count);
}
