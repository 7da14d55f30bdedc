using System.Globalization;
using Queued.EndToEnd.Tests.Faults;

namespace Queued.EndToEnd.Tests.Memory;

/// <summary>A daemon that is killed leaves no shared memory: its guard sees to it, or the next daemon.</summary>
public sealed class KilledDaemonMemoryTests
{
    private static readonly TimeSpan OrphanTimeMax = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Nothing_of_a_killed_daemon_is_in_memory_three_seconds_later()
    {
        using var folder = new TestFolder();
        await using var daemon = await FaultDaemon.StartAsync(folder);
        await using var memory = await daemon.Client.Memory.CreateAsync("frames", 1024 * 1024);
        memory.Span.Fill(7);
        var place = Path.GetDirectoryName(memory.Path)!;

        await daemon.KillAsync();

        await Eventually.IsTrueAsync(() => !Directory.Exists(place), "an end of the directory", OrphanTimeMax);
        // What is mapped stays readable.
        Assert.Equal(7, memory.Span[^1]);
        await Eventually.IsTrueAsync(() => memory.Lost.IsCancellationRequested, "word of the daemon's end");
    }

    [Fact]
    public async Task What_is_left_when_the_guard_was_killed_too_the_next_daemon_removes()
    {
        using var folder = new TestFolder();
        await using var daemon = await FaultDaemon.StartAsync(folder);
        await using var memory = await daemon.Client.Memory.CreateAsync("frames", 1024 * 1024);
        var place = Path.GetDirectoryName(memory.Path)!;
        var guard = GuardOf(daemon.ProcessId);
        Processes.Signal(guard, Processes.StopSignal);
        await daemon.KillAsync();
        Processes.Signal(guard, Processes.KillSignal);
        await Eventually.IsTrueAsync(() => !Processes.Exists(guard), "an end of the guard");
        Assert.True(Directory.Exists(place));

        await using var next = await FaultDaemon.StartAsync(folder);

        await Eventually.IsTrueAsync(() => !Directory.Exists(place), "an end of the directory", OrphanTimeMax);
        await using var again = await next.Client.Memory.CreateAsync("frames", 10);
        Assert.NotEqual(place, Path.GetDirectoryName(again.Path));
    }

    [Fact]
    public async Task A_daemon_leaves_the_memory_of_another_alone()
    {
        await using var one = await FaultDaemon.StartAsync();
        await using var memory = await one.Client.Memory.CreateAsync("frames", 10);
        string place;
        await using (var other = await FaultDaemon.StartAsync())
        {
            await using var its = await other.Client.Memory.CreateAsync("frames", 10);
            place = Path.GetDirectoryName(its.Path)!;
        }

        Assert.False(Directory.Exists(place));
        Assert.True(File.Exists(memory.Path));
    }

    private static int GuardOf(int daemon) => Directory.EnumerateDirectories("/proc")
        .Select(folder => Path.GetFileName(folder))
        .Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        .Single(name => Read(name, "cmdline").Contains("\0guard\0", StringComparison.Ordinal) &&
            Read(name, "status").Contains($"PPid:\t{daemon}\n", StringComparison.Ordinal)) is { } guard
        ? int.Parse(guard, CultureInfo.InvariantCulture)
        : 0;

    private static string Read(string process, string name)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{name}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended since, or is another user's, and so not the one.
            return "";
        }
    }
}
