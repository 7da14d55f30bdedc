namespace Queued.Benchmarks;

/// <summary>Somebody else's way to do the work: a driver in its own language, and maybe servers beside it.</summary>
/// <param name="name">As it stands in the tables.</param>
/// <param name="prepareAsync">Says which program drives it, after its servers have started.</param>
internal sealed class Peer(string name, Func<PeerPlace, Task<string[]>> prepareAsync) : Contender(name)
{
    private readonly PeerPlace _place = new();
    private Driver? _driver;

    public override async Task StartAsync()
    {
        var command = await prepareAsync(_place);
        _driver = await Driver.StartAsync(command[0], command[1..]);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_driver is not null) await _driver.DisposeAsync();
        await _place.DisposeAsync();
    }

    protected override IEnumerable<int> Processes() =>
        ProcessTree.Of([_driver!.ProcessId, .. _place.Servers.Select(server => server.ProcessId)]);

    protected override Task<Lap> WorkAsync(int count) => _driver!.RunAsync(count);
}

/// <summary>Where a peer lives: a folder, and the servers that were started for it.</summary>
internal sealed class PeerPlace : IAsyncDisposable
{
    private readonly BenchFolder _folder = new();
    private readonly List<Leash> _servers = [];

    public IReadOnlyList<Leash> Servers => _servers;

    public string Folder => _folder.Path;

    public string PathOf(string name) => Path.Combine(Folder, name);

    public async Task AddAsync(Task<Leash> server) => _servers.Add(await server);

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        _folder.Dispose();
    }
}
