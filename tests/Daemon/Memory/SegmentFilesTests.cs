using Microsoft.Extensions.Logging.Abstractions;
using Queued.Broker;
using Queued.Daemon.Memory;

namespace Queued.Daemon.Tests.Memory;

/// <summary>The files themselves, in a directory of the test.</summary>
public sealed class SegmentFilesTests : IAsyncDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("queued-segments-");
    private readonly SegmentOptions _options;
    private readonly SegmentFiles _files;
    private readonly List<string> _ends = [];
    private readonly Dictionary<SegmentId, TaskCompletionSource<string?>> _made = [];

    public SegmentFilesTests()
    {
        _options = new SegmentOptions
        {
            Root = _root.FullName,
            SocketMode = (UnixFileMode)0x1B0,
            RemoveAtEnd = _ends.Add,
        };
        _files = new SegmentFiles(_options, NullLogger<SegmentFiles>.Instance);
        _files.Reported += command =>
        {
            var ready = (Command.SegmentReady)command;
            _made[ready.Id].SetResult(ready.Error);
            return Task.CompletedTask;
        };
    }

    public async ValueTask DisposeAsync()
    {
        await _files.DisposeAsync();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_may_connect_may_map_and_nobody_else()
    {
        Assert.Null(await CreateAsync(1, 4096));

        Assert.Equal((UnixFileMode)0x1B0, File.GetUnixFileMode(PathOf(1)));
        Assert.Equal((UnixFileMode)0x1C8, File.GetUnixFileMode(_options.Directory));
        Assert.Equal([_options.Directory], _ends);
    }

    [Fact]
    public async Task Nothing_is_made_before_it_is_needed_and_nothing_is_left_at_the_end()
    {
        Assert.Empty(_root.GetFileSystemInfos());
        Assert.Null(await CreateAsync(1, 1));
        Assert.Single(_root.GetFileSystemInfos());

        await _files.DisposeAsync();
        Assert.Empty(_root.GetFileSystemInfos());
    }

    [Fact]
    public async Task Without_room_there_is_an_error_and_no_file()
    {
        Assert.Null(await CreateAsync(1, 1));
        Assert.NotNull(await CreateAsync(2, long.MaxValue));
        Assert.False(File.Exists(PathOf(2)));

        Assert.NotNull(await StepAsync(new Effect.ResizeSegment(new SegmentId(1), 1, long.MaxValue)));
        Assert.Equal(1, new FileInfo(PathOf(1)).Length);
    }

    [Fact]
    public async Task A_file_that_is_there_already_is_not_taken_for_a_new_one()
    {
        Assert.Null(await CreateAsync(1, 1));
        await File.WriteAllTextAsync(PathOf(2), "somebody's");
        Assert.NotNull(await CreateAsync(2, 1));
        Assert.Equal("somebody's", await File.ReadAllTextAsync(PathOf(2)));

        File.CreateSymbolicLink(PathOf(3), PathOf(2));
        Assert.NotNull(await CreateAsync(3, 1));
        Assert.NotNull(await StepAsync(new Effect.ResizeSegment(new SegmentId(3), 1, 2)));
        Assert.Equal("somebody's", await File.ReadAllTextAsync(PathOf(2)));
    }

    [Fact]
    public async Task A_sweep_takes_what_dead_daemons_left_and_nothing_else()
    {
        Assert.Null(await CreateAsync(1, 1));
        var dead = Directory.CreateDirectory(Path.Combine(_root.FullName, $"{SegmentOptions.Prefix}dead"));
        await File.WriteAllTextAsync(Path.Combine(dead.FullName, "7"), "left");
        var foreign = Directory.CreateDirectory(Path.Combine(_root.FullName, "somebody-else"));
        var link = Path.Combine(_root.FullName, $"{SegmentOptions.Prefix}link");
        Directory.CreateSymbolicLink(link, foreign.FullName);

        Assert.Equal(1, SegmentDirectory.Sweep(_root.FullName));

        dead.Refresh();
        Assert.False(dead.Exists);
        Assert.True(File.Exists(PathOf(1)));
        Assert.True(Directory.Exists(foreign.FullName));
        Assert.Equal(0, SegmentDirectory.Sweep(_root.FullName));
        await _files.DisposeAsync();
        Assert.False(Directory.Exists(_options.Directory));
    }

    private string PathOf(ulong number) => SegmentFiles.PathOf(_options.Directory, number);

    private Task<string?> CreateAsync(ulong number, long bytes) =>
        StepAsync(new Effect.CreateSegment(new SegmentId(number), bytes));

    private async Task<string?> StepAsync(Effect step)
    {
        var id = step is Effect.CreateSegment create ? create.Id : ((Effect.ResizeSegment)step).Id;
        _made[id] = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _files.Post(step);
        return await _made[id].Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
