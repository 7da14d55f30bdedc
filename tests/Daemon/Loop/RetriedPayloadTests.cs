using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Queued.Broker;
using Queued.Daemon.Loop;
using Queued.Daemon.Tests.Edge;
using Queued.Daemon.Tests.Storage;

namespace Queued.Daemon.Tests.Loop;

/// <summary>
/// What runs once more has its payload in the store alone, which copies it in the turn that hands it out.
/// </summary>
public sealed class RetriedPayloadTests : IAsyncLifetime
{
    private const int Letters = 3000;

    private readonly StoreRig _rig = new();
    private BrokerHost _host = null!;

    private BrokerLoop Loop => _host.Loop;

    public async Task InitializeAsync()
    {
        _host = await BrokerHost.StartAsync(new BrokerLoopOptions { HasStore = true }, store: _rig.Open());
        await Loop.AskAsync<Response.OneQueue>(
            id => new Command.DeclareQueue(id, "q", new QueueSettings { Durability = Durability.Fsync }), default);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _rig.Dispose();
    }

    [Fact]
    public async Task A_task_that_is_retried_while_a_worker_is_idle_runs_with_its_payload()
    {
        var worker = await ConnectAsync(credits: 2);
        var first = (await SubmitAsync(1)).Single();
        await EndAsync(worker, await worker.TakeAsync());

        var retried = await Loop.AskAsync<Response.Retried>(id => new Command.RetryTask(id, first), default);
        var again = await worker.TakeAsync();

        Assert.Equal((retried.Task, "payload 0"), (again.Attempt.Task, StoreRig.Text(again.Payload)));
    }

    [Fact]
    public async Task Many_letters_that_are_requeued_while_a_worker_is_idle_run_with_their_payloads()
    {
        var worker = await ConnectAsync(credits: 1000);
        var tasks = await SubmitAsync(Letters);
        for (var left = Letters; left > 0; left--) await EndAsync(worker, await worker.TakeAsync());

        var requeued = await Loop.AskAsync<Response.Requeued>(
            id => new Command.RequeueDead(id, "q", tasks), default);
        for (var index = 0; index < Letters; index++)
        {
            var again = await worker.TakeAsync();
            Assert.Equal(
                (requeued.Tasks[index], $"payload {index}"), (again.Attempt.Task, StoreRig.Text(again.Payload)));
            await EndAsync(worker, again);
        }
    }

    private async Task<IReadOnlyList<TaskId>> SubmitAsync(int count)
    {
        var tasks = Enumerable.Range(0, count).Select(index => new TaskSubmission
        {
            Handler = "h",
            Queue = "q",
            Payload = StoreRig.Bytes($"payload {index}"),
        }).ToList();
        var submitted = await Loop.AskAsync<Response.Submitted>(
            id => new Command.SubmitTasks(id, default, tasks), default);
        return [.. submitted.Results.Select(result => result.Id)];
    }

    private async Task<Link> ConnectAsync(int credits)
    {
        var welcome = await Loop.AskAsync<Response.Welcomed>(
            id => new Command.ConnectWorker(id, null, new WorkerHello { Queues = ["q"], Slots = 1 }), default);
        var link = new Link(welcome.Worker);
        _host.Services.GetRequiredService<WorkerRegistry>().Add(link);
        await Loop.TellAsync(new Command.WorkerReport(link.Worker) { Credits = credits }, default);
        return link;
    }

    private async Task EndAsync(Link worker, Assignment assignment) => await Loop.TellAsync(
        new Command.WorkerReport(worker.Worker)
        {
            Credits = 1,
            Settlements =
            [
                new Settlement.Failed(
                    assignment.Attempt, new TaskFailure(FailureKind.Error, "no") { NonRetryable = true }),
            ],
        },
        default);

    private sealed class Link(WorkerId worker) : IWorkerLink
    {
        private readonly Channel<Assignment> _assigned = Channel.CreateUnbounded<Assignment>();

        public WorkerId Worker => worker;

        public int Slots => 1;

        public async Task<Assignment> TakeAsync() =>
            await _assigned.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Deadline);

        public void Assign(Assignment assignment) => _assigned.Writer.TryWrite(assignment);

        public void Cancel(AttemptId attempt, CancelReason reason, TimeSpan grace)
        {
        }

        public void Refuse(AttemptId attempt, Rejection rejection)
        {
        }

        public void Drain(DrainReason reason)
        {
        }

        public void Disconnect(string reason)
        {
        }
    }
}
