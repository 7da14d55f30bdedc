namespace Queued.Broker;

/// <summary>What a submission says that other submissions of its queue say as well.</summary>
internal readonly record struct TaskTraits(
    string Handler, string ContentType, RetrySettings? Retry, TimeSpan? Timeout, TimeSpan? SoftTimeout, TimeSpan? Grace,
    TimeSpan? QueueTimeout, TimeSpan? ResultTtl)
{
    public TaskTraits(TaskSubmission task)
        : this(
            task.Handler, task.Payload.ContentType, task.Retry, task.Timeout, task.SoftTimeout, task.Grace,
            task.QueueTimeout, task.ResultTtl)
    {
    }
}

/// <summary>What many tasks of a queue have in common, kept once for all of them.</summary>
internal sealed class TaskTemplate(QueueEntry queue, in TaskTraits traits, TaskPlan plan)
{
    private readonly TaskTraits _traits = traits;

    public QueueEntry Queue { get; } = queue;

    public ref readonly TaskTraits Traits => ref _traits;

    /// <summary>What its tasks' attempts are to call, but for those that have more to say.</summary>
    public AssignmentTarget Target { get; } = new(traits.Handler, queue.Name, plan.Timeout);

    /// <summary>As the queue's defaults were when its first task came.</summary>
    public TaskPlan Plan { get; } = plan;
}

/// <summary>
/// What the latest task was asked for with, over all queues: those of one message mostly share it. A queue that kept it
/// by itself would keep what the collector could drop, and where there are thousands that is most of its work.
/// </summary>
internal sealed class LatestTerms
{
    public TaskTerms? Terms { get; set; }

    public TaskTemplate? Template { get; set; }
}

/// <summary>
/// The templates of a queue's latest tasks. Who submits a million tasks says much the same a million times.
/// </summary>
/// <param name="queue">The queue.</param>
/// <param name="latestTerms">The same for all queues.</param>
internal sealed class TaskTemplates(QueueEntry queue, LatestTerms latestTerms)
{
    /// <summary>Past it they are collected anew; tasks keep the ones they have.</summary>
    private const int CountMax = 256;

    private readonly Dictionary<TaskTraits, TaskTemplate> _templates = [];
    private TaskTemplate? _latest;
    private TaskPlan? _plan;

    public TaskTemplate Of(TaskSubmission task)
    {
        var isSamePlan = ReferenceEquals(_plan, queue.Plan);
        if (isSamePlan && ReferenceEquals(latestTerms.Terms, task.Terms) &&
            latestTerms.Template is { } latest && ReferenceEquals(latest.Queue, queue) &&
            latest.Traits.ContentType == task.Payload.ContentType)
        {
            return latest;
        }

        var template = Find(new TaskTraits(task), isSamePlan, task);
        (latestTerms.Terms, latestTerms.Template) = (task.Terms, template);
        return template;
    }

    private TaskTemplate Find(in TaskTraits traits, bool isSamePlan, TaskSubmission task)
    {
        if (isSamePlan && _latest is { } alike && alike.Traits == traits) return alike;
        if (!isSamePlan) _templates.Clear();
        _plan = queue.Plan;
        if (!_templates.TryGetValue(traits, out var template))
        {
            if (_templates.Count >= CountMax) _templates.Clear();
            _templates.Add(traits, template = new TaskTemplate(queue, traits, queue.Plan.With(task)));
        }

        return _latest = template;
    }
}
