namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private void Get(Command.GetTask get) =>
        RequireReply(Find(get.Task) is null ? RejectionReason.TaskNotFound : null, get);

    /// <summary>Whatever this turn touched looks from outside as it must.</summary>
    private void CheckTouched()
    {
        foreach (var task in _touched)
        {
            if (!_tasks.Contains(task)) continue;
            if (ask(request => new Command.GetTask(request, task.Id, false)) is not Response.OneTask { Task: var view })
            {
                Fail($"{task.Id} is {task.State} and cannot be read.");
                return;
            }

            Compare(task, view);
        }
    }

    private void Compare(ModelTask task, TaskView view)
    {
        Require(view.State == task.State, $"{task.Id} is {view.State}, not {task.State}.");
        Require(view.Attempt == task.Attempt, $"{task.Id} is at attempt {view.Attempt}, not {task.Attempt}.");
        Require(
            view.FailedAttempts == task.Failed,
            $"{task.Id} counts {view.FailedAttempts} failed attempts, not {task.Failed}.");
        Require(
            view.LostDeliveries == task.Lost,
            $"{task.Id} counts {view.LostDeliveries} lost deliveries, not {task.Lost}.");
        Require(
            task.State.IsFinal() || view.CancelRequested == task.CancelRequested,
            $"{task.Id}: cancel requested is {view.CancelRequested}.");
        Require(view.RetryOf == task.RetryOf, $"{task.Id} is a retry of {view.RetryOf}, not {task.RetryOf}.");
        Require(view.PayloadBytes == task.PayloadBytes, $"{task.Id} has {view.PayloadBytes} bytes.");
        if (task.State.IsFinal())
            Require(
                view.Failure?.Kind == task.Failure,
                $"{task.Id} ended with {view.Failure?.Kind}, not {task.Failure}.");
        if (task.BackoffRange is { } range && task.State == TaskState.Retrying) LearnDue(task, view, range);
    }

    private void LearnDue(ModelTask task, TaskView view, (TimeSpan Low, TimeSpan High) range)
    {
        var delay = (view.DueAt ?? DateTimeOffset.MinValue) - _now.Wall;
        // The core may round by a tick.
        Require(
            delay >= range.Low - TimeSpan.FromTicks(1) && delay <= range.High + TimeSpan.FromTicks(1),
            $"{task.Id} is tried again after {delay}, not between {range.Low} and {range.High}.");
        task.Due = _now.Monotonic + delay;
        task.DueWall = view.DueAt;
        task.BackoffRange = null;
    }

    /// <summary>Everything, read through the public surface and counted again.</summary>
    public void Recount()
    {
        var status = ask(request =>
            new Command.GetStatus(request, WithViews: true)) is Response.Status { Counts: var counts }
            ? counts : throw new Simulation.SimulationFailedException("There is no status.");
        Require(status.OpenTasks == _tasks.Count(task => !task.State.IsFinal()), $"Open tasks: {status.OpenTasks}.");
        Require(
            status.FinishedTasks == _tasks.Count(task => task.State.IsFinal()),
            $"Finished tasks: {status.FinishedTasks}.");
        Require(
            status.RunningTasks == _tasks.Count(task => task.State == TaskState.Running),
            $"Running tasks: {status.RunningTasks}.");
        Require(status.Draining == IsShuttingDown, $"Draining: {status.Draining}.");
        foreach (var view in status.QueueViews) Recount(view);
        foreach (var queue in _queues) Require(status.QueueViews.Any(view =>
            view.Name == queue.Name), $"{queue.Name} is gone.");
        RecountTasks();
    }

    private void Recount(QueueView view)
    {
        if (FindQueue(view.Name) is not { } queue)
        {
            if (view.Name is "default" or "exec") return;
            Fail($"The queue {view.Name} came from nowhere.");
            return;
        }

        var own = _tasks.FindAll(task => task.Queue == queue);
        RequireCount(view, "scheduled", view.Scheduled, own.Count(task => task.State == TaskState.Scheduled));
        RequireCount(view, "queued", view.Queued, own.Count(task => task.State == TaskState.Queued));
        RequireCount(view, "running", view.Running, own.Count(task => task.State == TaskState.Running));
        RequireCount(view, "retrying", view.Retrying, own.Count(task => task.State == TaskState.Retrying));
        RequireCount(view, "dead", view.Dead, own.Count(task => task.IsDead));
        RequireCount(
            view,
            "bytes",
            view.PayloadBytes,
            own.Where(task => !task.State.IsFinal()).Sum(task => (long)task.PayloadBytes));
        RequireCount(view, "succeeded", view.SucceededTotal, queue.Succeeded);
        RequireCount(view, "failed", view.FailedTotal, queue.Failed);
        RequireCount(view, "cancelled", view.CancelledTotal, queue.Cancelled);
        Require(view.State == queue.State, $"{view.Name} is {view.State}, not {queue.State}.");
    }

    private static void RequireCount(QueueView view, string name, long actual, long expected)
    {
        if (actual != expected) Fail($"{view.Name} counts {actual} {name}, there are {expected}.");
    }

    private void RecountTasks()
    {
        var seen = 0;
        TaskId? before = null;
        var last = ulong.MaxValue;
        do
        {
            if (ask(request =>
                new Command.ListTasks(request, new TaskQuery(), 1000, before)) is not Response.TaskPage page)
            {
                Fail("There is no list of tasks.");
                return;
            }

            foreach (var view in page.Tasks)
            {
                Require(view.Id.Value < last, $"{view.Id} is listed after {last}.");
                last = view.Id.Value;
                if (Find(view.Id) is not { } task) { Fail($"{view.Id} is listed and should be gone."); return; }
                Compare(task, view);
                seen++;
            }

            before = page.Next;
        }
        while (before is not null);
        Require(seen == _tasks.Count, $"{seen} tasks are listed, there are {_tasks.Count}.");
    }
}
