using Queued.Broker;

namespace Queued.Daemon.Tests.Supervision;

/// <summary>They count the descriptors of the whole process, so nothing else may run beside them.</summary>
[CollectionDefinition(nameof(SpawnEnduranceTests), DisableParallelization = true)]
[Collection(nameof(SpawnEnduranceTests))]
public sealed class SpawnEnduranceTests
{
    [Fact]
    public async Task Two_thousand_lives_leave_no_zombie_and_no_descriptor()
    {
        const int Cycles = 2000;
        const int AtOnce = 20;
        await using var rig = new SupervisorRig();
        await rig.RunShellAsync("true");
        await Eventually.IsTrueAsync(() => Processes.Zombies() == 0, "the first is reaped");
        var before = Processes.SupervisionDescriptors();

        for (var cycle = 0; cycle < Cycles; cycle += AtOnce)
        {
            var workers = Enumerable.Range(0, AtOnce).Select(_ => rig.Start("true")).ToArray();
            var ends = await Task.WhenAll(workers.Select(rig.Events.EndedAsync));
            Assert.All(ends, end => Assert.Equal(0, end.Exit?.ExitCode));
        }

        Assert.Equal(0, Processes.Zombies());
        await DescriptorsAreBackToAsync(before);
        Assert.Empty(rig.Log.Lines);
    }

    [Fact]
    public async Task A_worker_that_finds_no_descriptors_is_started_when_others_have_ended()
    {
        var highest = Processes.Descriptors(Environment.ProcessId).Select(int.Parse).Max();
        // The supervisor itself needs some of them.
        await using var rig = new SupervisorRig(options => options with { DescriptorMax = highest + 40 });
        var workers = new List<WorkerId>();
        while (rig.Log.Lines.IsEmpty)
        {
            var worker = rig.StartShell("exec sleep 1000");
            workers.Add(worker);
            await Eventually.IsTrueAsync(
                () => rig.Events.StoryOf(worker) is ["spawned", ..] || !rig.Log.Lines.IsEmpty, "it runs or waits");
        }

        var last = rig.StartShell("echo done");
        workers[..^1].ForEach(rig.Supervisor.Kill);

        Assert.Equal(0, (await rig.Events.EndedAsync(last)).Exit?.ExitCode);
        await rig.Events.SpawnedAsync(workers[^1]);
        Assert.Contains("Too many open files (errno 24). Raise", rig.Log.Lines.First());
    }

    [Fact]
    public async Task A_worker_that_waits_for_descriptors_can_be_stopped()
    {
        await using var rig = new SupervisorRig(options => options with { DescriptorMax = 0 });
        var worker = rig.StartShell("echo never");
        await Eventually.IsTrueAsync(() => !rig.Log.Lines.IsEmpty, "it waits");

        rig.Supervisor.Terminate(worker);

        Assert.Contains("Too many open files", (await rig.Events.EndedAsync(worker)).SpawnFailure);
        rig.StartShell("echo the rig is left while this one waits");
    }

    [Fact]
    public async Task Disposal_kills_reaps_and_closes_everything()
    {
        var before = Processes.SupervisionDescriptors();
        var rig = new SupervisorRig();
        var workers = Enumerable.Range(0, 20)
            .Select(_ => rig.StartShell(
                "trap '' TERM; (setsid sleep 1000 </dev/null >/dev/null 2>&1 &); while :; do sleep 1; done"))
            .ToArray();
        await rig.Events.SpawnedAsync(workers[0]);

        await rig.DisposeAsync();

        var ends = await Task.WhenAll(workers.Select(rig.Events.EndedAsync));
        Assert.All(ends, end => Assert.True(end.Exit is { Signal: 9 } || end.SpawnFailure is not null));
        Assert.Equal(0, Processes.Zombies());
        await DescriptorsAreBackToAsync(before);
        Assert.Throws<ObjectDisposedException>(() =>
            rig.Supervisor.Start(new WorkerId(1000), new PoolSettings { Name = "late" }));
    }

    private static Task DescriptorsAreBackToAsync(IReadOnlyDictionary<string, int> before) => Eventually.IsTrueAsync(
        () => Processes.SupervisionDescriptors().All(kind => kind.Value <= before.GetValueOrDefault(kind.Key)),
        () => $"no more than {Text(before)} are open; {Text(Processes.SupervisionDescriptors())} are");

    private static string Text(IReadOnlyDictionary<string, int> kinds) =>
        string.Join(
            ", ",
            kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Value} {kind.Key}"));
}
