using Queued.Broker;
using Queued.Daemon.Edge;

namespace Queued.Daemon.Tests.Edge;

public sealed class AwaitedOutcomesTests
{
    private readonly AwaitedOutcomes _awaited = new();

    [Fact]
    public void A_task_submitted_twice_ends_under_both_numbers()
    {
        _awaited.Add(new TaskId(7), 1);
        _awaited.Add(new TaskId(7), 2);

        var to = _awaited.Take(Outcome(7));
        Assert.Equal((true, 1UL, false), (to.IsSubmitted, to.Tag, to.IsWatched));
        Assert.Equal([2UL], to.MoreTags);
        AssertNobody(_awaited.Take(Outcome(7)));
    }

    [Fact]
    public void A_task_submitted_and_watched_ends_under_its_number_and_under_none()
    {
        _awaited.Add(new TaskId(7), 1);
        _awaited.Watch(new TaskId(7));

        var to = _awaited.Take(Outcome(7));
        Assert.Equal((true, 1UL, true), (to.IsSubmitted, to.Tag, to.IsWatched));
        Assert.Null(to.MoreTags);
    }

    [Fact]
    public void An_outcome_that_nobody_awaits_any_more_is_dropped()
    {
        _awaited.Watch(new TaskId(7));
        Assert.True(_awaited.Unwatch(new TaskId(7)));

        AssertNobody(_awaited.Take(Outcome(7)));
    }

    [Fact]
    public void An_unwatch_leaves_the_outcome_of_a_submission()
    {
        _awaited.Add(new TaskId(7), 1);
        _awaited.Watch(new TaskId(7));
        Assert.False(_awaited.Unwatch(new TaskId(7)));

        Assert.Equal(
            new AwaitedOutcomes.Addressees(IsSubmitted: true, 1, null, IsWatched: false), _awaited.Take(Outcome(7)));
    }

    [Fact]
    public void An_outcome_before_the_answer_to_its_submit_is_found_with_the_answer()
    {
        _awaited.BeginSubmit();
        Assert.Equal(
            new AwaitedOutcomes.Addressees(IsSubmitted: false, 0, null, IsWatched: false, IsEarly: true),
            _awaited.Take(Outcome(7)));

        Assert.Equal(Outcome(7), _awaited.Add(new TaskId(7), 1));
    }

    [Fact]
    public void An_outcome_that_no_submit_under_way_asked_for_is_forgotten_with_the_last_of_them()
    {
        _awaited.BeginSubmit();
        _awaited.BeginSubmit();
        _awaited.Take(Outcome(7));
        _awaited.EndSubmit();
        _awaited.BeginSubmit();
        _awaited.EndSubmit();

        Assert.Null(_awaited.Add(new TaskId(7), 1));
    }

    private static void AssertNobody(AwaitedOutcomes.Addressees to) => Assert.Equal(default, to);

    private static TaskOutcome Outcome(ulong task) =>
        new(new TaskId(task), TaskState.Succeeded, TaskPayload.Empty, null, 1, new WorkerId(1));
}
