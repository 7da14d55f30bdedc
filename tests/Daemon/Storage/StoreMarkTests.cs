using System.Runtime.InteropServices;

namespace Queued.Daemon.Tests.Storage;

public sealed partial class StoreMarkTests : IDisposable
{
    private readonly StoreRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_mark_that_could_not_be_written_before_a_checkpoint_is_written_when_it_can_be_also_at_rest()
    {
        // So small that each commit brings a checkpoint.
        _rig.Options = _rig.Options with { CheckpointBytes = 1 };
        await using var store = _rig.OpenLoaded().Store;
        var mark = DescriptorOf(_rig.Options.HighWaterPath);
        var kept = Duplicate(mark);
        Assert.NotEqual(-1, kept);
        using (var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite))
        {
            Assert.Equal(mark, Replace((int)full.DangerousGetHandle(), mark));
        }

        await store.AppendAsync([StoreRig.Added(1)], mustFlush: true);
        await Eventually.IsTrueAsync(() => HasCheckpoint(), "the checkpoint is done");
        Assert.Contains(store.Problems, problem => problem.Contains("high-water mark", StringComparison.Ordinal));

        Assert.Equal(mark, Replace(kept, mark));
        Assert.Equal(0, Close(kept));
        await Eventually.IsTrueAsync(() => store.Problems.Count == 0, "the mark is written");
    }

    /// <summary>What was added is in the database itself.</summary>
    private bool HasCheckpoint() => File.ReadAllBytes(_rig.Options.DatabasePath).AsSpan().IndexOf("text/plain"u8) >= 0;

    private static int DescriptorOf(string path) => int.Parse(
        Path.GetFileName(Assert.Single(
            Directory.GetFiles("/proc/self/fd"), entry => new FileInfo(entry).LinkTarget == path)),
        System.Globalization.CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Replace(int descriptor, int target);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
