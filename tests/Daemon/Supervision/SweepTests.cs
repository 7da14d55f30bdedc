using System.Runtime.InteropServices;
using Queued.Daemon.Supervision;

namespace Queued.Daemon.Tests.Supervision;

/// <summary>They take the descriptors of the whole process away, so nothing else may run beside them.</summary>
[Collection(nameof(SpawnEnduranceTests))]
public sealed partial class SweepTests
{
    private const int NoFile = 7;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_sweep_without_descriptors_says_so_and_finds_what_it_looked_for_when_it_has_some(int free)
    {
        await using var rig = new SupervisorRig();
        var worker = rig.StartShell("exec sleep 1000");
        await rig.Events.SpawnedAsync(worker);
        await Eventually.IsTrueAsync(() => rig.LiveProcesses().Length == 1, "it shows its environment");

        Assert.IsType<IOException>(WithDescriptors(free, () => Record.Exception(() => Sweep(rig))));
        Assert.Equal(1, Sweep(rig));
        Assert.Equal(9, (await rig.Events.EndedAsync(worker)).Exit?.Signal);
    }

    private static int Sweep(SupervisorRig rig) => ProcSweep.Kill(marks => marks.Instance == rig.InstanceId);

    /// <summary>Does it while so many descriptors can be opened: the first is for the list of processes.</summary>
    private static T WithDescriptors<T>(int free, Func<T> action)
    {
        var lowest = Lowest();
        Assert.Equal(0, GetLimit(NoFile, out var limit));
        Assert.Equal(0, SetLimit(NoFile, limit with { Soft = (ulong)(lowest + free) }));
        try
        {
            return action();
        }
        finally
        {
            Assert.Equal(0, SetLimit(NoFile, limit));
        }
    }

    private static long Lowest()
    {
        using var file = File.OpenHandle("/dev/null");
        return file.DangerousGetHandle();
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private record struct Limit(ulong Soft, ulong Hard);
}
