using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using Queued.Client.Streams;
using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

public sealed partial class QueuedClient
{
    /// <inheritdoc/>
    public TaskHandle GetHandle(TaskId task) => new(this, task);

    /// <inheritdoc/>
    public Task<TaskOutcome> WaitAsync(TaskId task, CancellationToken cancellationToken = default) =>
        new OutcomeWait(_stream, watchOnDemand: true) { Id = task }.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TaskOutcome>> WaitAllAsync(
        IEnumerable<TaskHandle> tasks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        return await Task.WhenAll(tasks.Select(task => task.WaitAsync(cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<TaskOutcome> WaitAnyAsync(
        IEnumerable<TaskHandle> tasks, CancellationToken cancellationToken = default)
    {
        await using var ends = WhenEachAsync(tasks, cancellationToken).GetAsyncEnumerator(cancellationToken);
        return await ends.MoveNextAsync().ConfigureAwait(false)
            ? ends.Current
            : throw new ArgumentException("There must be at least one task to wait for.", nameof(tasks));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskOutcome> WhenEachAsync(
        IEnumerable<TaskHandle> tasks, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = tasks.Select(task => task.WaitAsync(leaving.Token)).ToList();
        try
        {
            await foreach (var end in Task.WhenEach(waits).ConfigureAwait(false))
                yield return await end.ConfigureAwait(false);
        }
        finally
        {
            // Who leaves early stops the other waits.
            await leaving.CancelAsync().ConfigureAwait(false);
            foreach (var wait in waits)
                _ = wait.Exception;
        }
    }

    /// <inheritdoc/>
    public Task<TaskInfo> GetTaskAsync(
        TaskId task, bool includePayload = false, CancellationToken cancellationToken = default) => _daemon.CallAsync(
        _daemon.Tasks.GetTaskAsync,
        new Proto.GetTaskRequest { TaskId = task.Value, IncludePayload = includePayload },
        response => response.Task.ToInfo(),
        cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<TaskInfo> ListTasksAsync(
        TaskQuery? query = null, CancellationToken cancellationToken = default)
    {
        query ??= new TaskQuery();
        var filter = query.ToFilter();
        return _daemon.ListAsync(
            _daemon.Tasks.ListTasksAsync,
            (size, token) =>
                new Proto.ListTasksRequest { Filter = filter, PageSize = size.ToCount("page_size"), PageToken = token },
            page => (page.Tasks.Select(TaskMapping.ToInfo), page.NextPageToken),
            cancellationToken,
            query.PageSize);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskInfo> WatchTaskAsync(
        TaskId task, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var changes = _daemon.StreamAsync(
            _daemon.Tasks.WatchTask, new Proto.WatchTaskRequest { TaskId = task.Value }, cancellationToken);
        await foreach (var change in changes.ConfigureAwait(false))
            yield return change.Task.ToInfo();
    }

    /// <inheritdoc/>
    public Task<TaskInfo> CancelTaskAsync(
        TaskId task,
        string? reason = null,
        TimeSpan? grace = null,
        CancellationToken cancellationToken = default) => _daemon.CallAsync(
        _daemon.Tasks.CancelTaskAsync,
        new Proto.CancelTaskRequest
        {
            TaskId = task.Value,
            Reason = reason ?? "",
            Grace = grace is { } length ? Duration.FromTimeSpan(length) : null,
        },
        response => response.Task.ToInfo(),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<TaskHandle> RetryTaskAsync(TaskId task, CancellationToken cancellationToken = default)
    {
        var request = new Proto.RetryTaskRequest { TaskId = task.Value };
        var response = await _daemon.CallAsync(
            _daemon.Tasks.RetryTaskAsync, request, cancellationToken).ConfigureAwait(false);
        return GetHandle(new TaskId(response.TaskId));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskLogEntry> ReadTaskLogsAsync(
        TaskId task,
        bool follow = false,
        int? attempt = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new Proto.ReadTaskLogsRequest
        {
            TaskId = task.Value,
            Attempt = (attempt ?? 0).ToCount("attempt"),
            Follow = follow,
        };
        await foreach (
            var entry in _daemon.StreamAsync(
                _daemon.Tasks.ReadTaskLogs, request, cancellationToken).ConfigureAwait(false))
            yield return entry.ToLogEntry();
    }
}
