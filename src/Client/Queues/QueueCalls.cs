using Queued.Client.Wire;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>Queues over the daemon's calls.</summary>
internal sealed class QueueCalls(DaemonCalls daemon) : IQueues
{
    // The daemon requeues at most this many in one call.
    private const int RequeueBatch = 10_000;

    public Task<QueueInfo> DeclareAsync(string name, QueuePolicy? policy, CancellationToken cancellationToken) =>
        daemon.CallAsync(
        daemon.Queues.DeclareQueueAsync,
        new Proto.DeclareQueueRequest { Name = name, Policy = (policy ?? new QueuePolicy()).ToWire() },
        response => response.Queue.ToInfo(),
        cancellationToken);

    public Task<QueueInfo> GetAsync(string name, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.Queues.GetQueueAsync,
        new Proto.GetQueueRequest { Name = name },
        response => response.Queue.ToInfo(),
        cancellationToken);

    public IAsyncEnumerable<QueueInfo> ListAsync(CancellationToken cancellationToken) => daemon.ListAsync(
        daemon.Queues.ListQueuesAsync,
        (size, token) => new Proto.ListQueuesRequest { PageSize = (uint)size, PageToken = token },
        page => (page.Queues.Select(QueueMapping.ToInfo), page.NextPageToken),
        cancellationToken);

    public Task<QueueInfo> PauseAsync(string name, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.Queues.PauseQueueAsync,
        new Proto.PauseQueueRequest { Name = name },
        response => response.Queue.ToInfo(),
        cancellationToken);

    public Task<QueueInfo> ResumeAsync(string name, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.Queues.ResumeQueueAsync,
        new Proto.ResumeQueueRequest { Name = name },
        response => response.Queue.ToInfo(),
        cancellationToken);

    public Task<QueueInfo> DrainAsync(string name, CancellationToken cancellationToken) => daemon.CallAsync(
        daemon.Queues.DrainQueueAsync,
        new Proto.DrainQueueRequest { Name = name },
        response => response.Queue.ToInfo(),
        cancellationToken);

    public async Task<long> PurgeAsync(string name, CancellationToken cancellationToken)
    {
        var request = new Proto.PurgeQueueRequest { Name = name };
        return (long)(
            await daemon.CallAsync(
                daemon.Queues.PurgeQueueAsync, request, cancellationToken).ConfigureAwait(false)).PurgedCount;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        daemon.CallAsync(
            daemon.Queues.DeleteQueueAsync, new Proto.DeleteQueueRequest { Name = name }, cancellationToken);

    public IAsyncEnumerable<TaskInfo> ListDeadAsync(string name, CancellationToken cancellationToken) =>
        daemon.ListAsync(
        daemon.Queues.ListDeadAsync,
        (size, token) => new Proto.ListDeadRequest { Queue = name, PageSize = (uint)size, PageToken = token },
        page => (page.Tasks.Select(TaskMapping.ToInfo), page.NextPageToken),
        cancellationToken);

    public async Task<IReadOnlyList<TaskId>> RequeueDeadAsync(
        string name, IReadOnlyCollection<TaskId>? tasks, CancellationToken cancellationToken)
    {
        var requeued = new List<TaskId>();
        int count;
        do
        {
            var request = new Proto.RequeueDeadRequest { Queue = name };
            request.TaskIds.Add((tasks ?? []).Select(task => task.Value));
            var response = await daemon.CallAsync(
                daemon.Queues.RequeueDeadAsync, request, cancellationToken).ConfigureAwait(false);
            requeued.AddRange(response.TaskIds.Select(id => new TaskId(id)));
            count = response.TaskIds.Count;
        }
        while (tasks is null or { Count: 0 } && count >= RequeueBatch);
        return requeued;
    }
}
