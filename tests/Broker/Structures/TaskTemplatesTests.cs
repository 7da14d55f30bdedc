using System.Runtime.CompilerServices;

namespace Queued.Broker.Tests.Structures;

public sealed class TaskTemplatesTests
{
    private readonly QueueEntry _queue = new("q", new LatestTerms());

    [Fact]
    public void Tasks_that_say_the_same_share_a_template()
    {
        var first = _queue.Templates.Of(Task() with { Tag = 1, Retry = Retry("a") });
        var second = _queue.Templates.Of(Task() with { Tag = 2, Retry = Retry("a") });

        Assert.Same(first, second);
        Assert.Equal(3, first.Plan.Retry.MaxAttempts);
    }

    [Fact]
    public void Tasks_that_say_something_else_do_not()
    {
        var plain = _queue.Templates.Of(Task());

        Assert.NotSame(plain, _queue.Templates.Of(Task() with { Handler = "other" }));
        Assert.NotSame(plain, _queue.Templates.Of(Task() with { Timeout = TimeSpan.FromSeconds(1) }));
        var retried = _queue.Templates.Of(Task() with { Retry = Retry("a") });
        Assert.NotSame(retried, _queue.Templates.Of(Task() with { Retry = Retry("b") }));
        Assert.Same(plain, _queue.Templates.Of(Task()));
    }

    [Fact]
    public void New_defaults_of_the_queue_hold_for_tasks_that_come_after_them()
    {
        var before = _queue.Templates.Of(Task());
        _queue.Plan = TaskPlan.Default with { Grace = TimeSpan.FromSeconds(42) };

        Assert.Equal(TaskPlan.Default.Grace, before.Plan.Grace);
        Assert.Equal(TimeSpan.FromSeconds(42), _queue.Templates.Of(Task()).Plan.Grace);
    }

    [Fact]
    public void Templates_are_collected_anew_past_their_limit()
    {
        var first = _queue.Templates.Of(Task());
        for (var number = 1; number < 256; number++) _queue.Templates.Of(Task() with { Handler = $"h{number}" });
        Assert.Same(first, _queue.Templates.Of(Task()));

        _queue.Templates.Of(Task() with { Handler = "one-more" });

        Assert.NotSame(first, _queue.Templates.Of(Task()));
    }

    [Fact]
    public void Tasks_that_are_made_of_the_same_terms_share_one_for_each_media_type()
    {
        var task = Task();
        var plain = _queue.Templates.Of(task);
        var json = task with { Payload = new TaskPayload(default, "application/json") };

        Assert.Same(plain, _queue.Templates.Of(task with { Tag = 2, Priority = 1 }));
        Assert.Equal("application/json", _queue.Templates.Of(json).Traits.ContentType);
        Assert.Same(plain, _queue.Templates.Of(task));
    }

    [Fact]
    public void Tasks_of_the_same_terms_in_two_queues_do_not_share_one()
    {
        var terms = new LatestTerms();
        var (one, other) = (new QueueEntry("one", terms), new QueueEntry("other", terms));
        var task = Task();

        Assert.Same(one, one.Templates.Of(task).Queue);
        Assert.Same(other, other.Templates.Of(task).Queue);
        Assert.Same(one, one.Templates.Of(task).Queue);
    }

    [Fact]
    public void A_queue_does_not_keep_the_terms_of_its_latest_task()
    {
        var terms = new LatestTerms();
        var queues = new[] { new QueueEntry("one", terms), new QueueEntry("other", terms) };
        var first = UseOnce(queues[0]);
        UseOnce(queues[1]);

        GC.Collect();

        Assert.False(first.IsAlive);
        GC.KeepAlive(queues);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference UseOnce(QueueEntry queue)
    {
        var task = Task();
        queue.Templates.Of(task);
        return new WeakReference(task.Terms);
    }

    private static TaskSubmission Task() => new() { Handler = "h", Queue = "q" };

    private static RetrySettings Retry(string type) => new()
    {
        MaxAttempts = 3,
        NonRetryableErrorTypes = new List<string> { type },
    };
}
