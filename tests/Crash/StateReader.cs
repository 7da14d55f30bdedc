using Queued.Client;

namespace Queued.Crash;

/// <summary>Asks a daemon where thousands of tasks stand: by the list, a thousand at once.</summary>
internal sealed class StateReader(QueuedClient client, Books books)
{
    private const int PageSize = 1000;

    /// <summary>The states of tasks by their numbers; one that is not in it is not there.</summary>
    public async Task<Dictionary<TaskId, TaskState>> ReadAsync(IReadOnlyCollection<TaskRecord> tasks)
    {
        var states = new Dictionary<TaskId, TaskState>();
        if (tasks.Count == 0) return states;

        var oldest = tasks.Min(task => task.Id);
        var query = new TaskQuery { Queue = Plan.Queue, PageSize = PageSize };
        await foreach (var task in client.ListTasksAsync(query))
        {
            // What is retried has the label of the first, and no key of its own.
            if (task.RetryOf is null) books.Listed(task.Id, task.Labels["key"]);
            states[task.Id] = task.State;
            if (task.Id.CompareTo(oldest) <= 0) break;
        }

        // Numbers are given in order, so it should have been among them; the task itself has the last word.
        foreach (var task in tasks.Where(task => !states.ContainsKey(task.Id)))
        {
            if (await ReadOneAsync(task.Id) is { } state) states[task.Id] = state;
        }

        return states;
    }

    private async Task<TaskState?> ReadOneAsync(TaskId id)
    {
        try
        {
            return (await client.GetTaskAsync(id)).State;
        }
        catch (TaskNotFoundException)
        {
            return null;
        }
    }
}
