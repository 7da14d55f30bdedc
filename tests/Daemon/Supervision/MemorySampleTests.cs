namespace Queued.Daemon.Tests.Supervision;

public sealed class MemorySampleTests
{
    [Fact]
    public async Task A_new_worker_is_looked_at_before_the_next_round_of_those_that_have_no_limit()
    {
        // Ten of these are between two looks at a worker without a limit, one is before its first.
        await using var rig = new SupervisorRig(options => options with { SampleInterval = TimeSpan.FromSeconds(0.5) });
        var first = rig.StartShell("exec sleep 1000");
        await rig.Events.SampledAsync(first);
        var second = rig.StartShell("exec sleep 1000");
        await rig.Events.SampledAsync(second);

        Assert.Equal([first, second], rig.Events.Samples.Take(2));
    }
}
