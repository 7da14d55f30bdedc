using System.Globalization;
using System.Threading.Channels;
using Queued.Broker;
using Queued.Daemon.Hosting;

namespace Queued.Daemon.Memory;

/// <summary>
/// Makes, resizes and removes the files of segments, one after the other, and tells what came of it. Room is allocated
/// when a file is made: a machine without room is an error here, and never a signal in whoever writes to the mapping.
/// </summary>
internal sealed partial class SegmentFiles(SegmentOptions options, ILogger<SegmentFiles> logger) : IAsyncDisposable
{
    // Bounded by itself: each segment has one step in work, and then its end.
    private readonly Channel<Effect> _steps = Channel.CreateUnbounded<Effect>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private Task? _running;
    private SegmentDirectory? _directory;
    private uint? _group;

    /// <summary>Hears <see cref="Command.SegmentReady"/>.</summary>
    public event Func<Command, Task>? Reported;

    /// <summary>
    /// Reads bytes of a segment. It is read, and not mapped: who may write to it may cut it short, and a mapping would
    /// then end the daemon.
    /// </summary>
    /// <exception cref="IOException">They are not there.</exception>
    public void Read(SegmentRange range, Span<byte> bytes)
    {
        using var file = SegmentLibc.OpenFile(PathOf(range.Segment));
        var done = 0;
        while (done < bytes.Length)
        {
            var count = RandomAccess.Read(file, bytes[done..], range.Offset + done);
            if (count == 0) throw new IOException($"{PathOf(range.Segment)} is shorter than it was made.");
            done += count;
        }
    }

    /// <summary>Makes the directory, so that others can see whether they can map what will be there.</summary>
    public void Start()
    {
        try
        {
            _directory = SegmentDirectory.Make(options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotMade(options.Directory, exception.Message);
        }
    }

    /// <summary>Lets in the group that may connect. The files made after this are the group's, too.</summary>
    public void Share()
    {
        if (_directory is null || options.GroupId is not { } groupId) return;
        try
        {
            var group = groupId();
            if (FileStatus.Of(options.Directory)?.GroupId == group) return;
            SegmentLibc.SetGroup(options.Directory, group);
            _group = group;
        }
        catch (IOException exception)
        {
            LogNotShared(options.Directory, exception.Message);
        }
    }

    /// <summary>Looks for what dead daemons have left. Does not wait for it.</summary>
    public void Sweep() => _ = Task.Run(() =>
    {
        try
        {
            if (SegmentDirectory.Sweep(options.Root) is > 0 and var count) LogSwept(count, options.Root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogNotSwept(options.Root, exception.Message);
        }
    });

    public void Post(Effect effect)
    {
        lock (_gate) _running ??= Task.Run(RunAsync);
        _steps.Writer.TryWrite(effect);
    }

    public async ValueTask DisposeAsync()
    {
        _steps.Writer.TryComplete();
        Task? running;
        lock (_gate) running = _running;
        if (running is not null) await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _directory?.Dispose();
        _directory = null;
    }

    private async Task RunAsync()
    {
        await foreach (var step in _steps.Reader.ReadAllAsync())
        {
            switch (step)
            {
                case Effect.CreateSegment create:
                    await TellAsync(create.Id, Try(() => Create(create)));
                    break;
                case Effect.ResizeSegment resize:
                    await TellAsync(resize.Id, Try(() => Resize(resize)));
                    break;
                case Effect.RemoveSegment remove:
                    if (Try(() => Remove(remove.Id)) is { } error) LogNotRemoved(PathOf(remove.Id), error);
                    break;
                default:
                    throw new InvalidOperationException($"Nobody carries out {step.GetType().Name}.");
            }
        }
    }

    private void Create(Effect.CreateSegment create)
    {
        _directory ??= SegmentDirectory.Make(options);
        var path = PathOf(create.Id);
        using var file = SegmentLibc.CreateFile(path, options.FileMode);
        try
        {
            // The umask may have taken something away.
            File.SetUnixFileMode(file, options.FileMode);
            if (_group is { } group) SegmentLibc.SetGroup(path, group);
            SegmentLibc.Allocate(file, 0, create.Bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            File.Delete(path);
            throw;
        }
    }

    private void Resize(Effect.ResizeSegment resize)
    {
        using var file = SegmentLibc.OpenFile(PathOf(resize.Id));
        if (resize.ToBytes < resize.FromBytes)
        {
            RandomAccess.SetLength(file, resize.ToBytes);
            return;
        }

        try
        {
            SegmentLibc.Allocate(file, resize.FromBytes, resize.ToBytes - resize.FromBytes);
        }
        catch (IOException)
        {
            RandomAccess.SetLength(file, resize.FromBytes);
            throw;
        }
    }

    private void Remove(SegmentId id) => File.Delete(PathOf(id));

    private string PathOf(SegmentId id) => PathOf(options.Directory, id.Value);

    /// <summary>The path of a segment's file.</summary>
    public static string PathOf(string directory, ulong number) =>
        string.Create(CultureInfo.InvariantCulture, $"{directory}/{number}");

    private static string? Try(Action step)
    {
        try
        {
            step();
            return null;
        }
        catch (DirectoryNotFoundException exception)
        {
            // Removed by somebody else; the directory went with the daemon's leave, or without it.
            return exception.Message;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private Task TellAsync(SegmentId id, string? error) =>
        Reported?.Invoke(new Command.SegmentReady(id, error)) ?? Task.CompletedTask;

    [LoggerMessage(1, LogLevel.Warning, "Removed shared memory of {Count} daemons that had been killed, in {Root}")]
    private partial void LogSwept(int count, string root);

    [LoggerMessage(
        4, LogLevel.Warning, "There is no shared memory, since {Path} cannot be made; payloads go inline: {Reason}")]
    private partial void LogNotMade(string path, string reason);

    [LoggerMessage(
        5, LogLevel.Warning, "{Path} cannot be given to the socket's group, whose payloads go inline: {Reason}")]
    private partial void LogNotShared(string path, string reason);

    [LoggerMessage(2, LogLevel.Warning, "What killed daemons may have left in {Root} cannot be looked at: {Reason}")]
    private partial void LogNotSwept(string root, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The memory segment {Path} cannot be removed: {Reason}")]
    private partial void LogNotRemoved(string path, string reason);
}
