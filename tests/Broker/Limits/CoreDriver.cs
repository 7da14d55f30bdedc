namespace Queued.Broker.Tests.Limits;

/// <summary>A core with a clock that a test turns by hand.</summary>
internal sealed class CoreDriver(BrokerLimits limits)
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly BrokerCore _core = new(limits, seed: 1, new TaskId(1));
    private long _requests;
    private TimeSpan _elapsed;

    public Instant NextDeadline => _core.NextDeadline(Now);

    public long AsideLooks => _core.AsideLooks;

    public List<Effect> Effects { get; } = [];

    public Now Now => new(new Instant(0) + _elapsed, Start + _elapsed);

    public Response Ask(Func<RequestId, Command> command)
    {
        var request = new RequestId(++_requests);
        Effects.Clear();
        _core.Apply(command(request), Now, Effects);
        return Effects.OfType<Effect.Reply>().Single(reply => reply.Request == request).Response;
    }

    public Rejection? Refusal(Func<RequestId, Command> command) => (Ask(command) as Response.Rejected)?.Rejection;

    public void Tell(Command command)
    {
        Effects.Clear();
        _core.Apply(command, Now, Effects);
    }

    public void Advance(TimeSpan span)
    {
        Effects.Clear();
        var end = _elapsed + span;
        while (_core.NextDeadline(Now) is var due && due <= new Instant(0) + end)
        {
            if (due > Now.Monotonic) _elapsed = due - new Instant(0);
            _core.Advance(Now, Effects);
        }

        _elapsed = end;
    }

    /// <summary>One turn, however much is left to do after it.</summary>
    public List<Effect> Turn(TimeSpan later)
    {
        Effects.Clear();
        _elapsed += later;
        _core.Advance(Now, Effects);
        return Effects;
    }

    public TaskPayload Payload(TaskId task) =>
        Assert.IsType<Response.OneTask>(Ask(request => new Command.GetTask(request, task, true))).Task.Payload!.Value;

    public SubmitResult Submit(TaskSubmission task) => Submit([task]).Single();

    public IReadOnlyList<SubmitResult> Submit(IReadOnlyList<TaskSubmission> tasks) =>
        Assert.IsType<Response.Submitted>(Ask(request =>
            new Command.SubmitTasks(request, new SessionId(1), tasks))).Results;

    public TaskView Get(TaskId task) =>
        Assert.IsType<Response.OneTask>(Ask(request => new Command.GetTask(request, task, false))).Task;

    public WorkerId ConnectExternal(int slots = 1, int credits = 1, params string[] queues)
    {
        var hello = new WorkerHello { Queues = queues.Length == 0 ? ["default"] : queues, Slots = slots };
        var welcomed = Assert.IsType<Response.Welcomed>(
            Ask(request => new Command.ConnectWorker(request, null, hello)));
        Tell(new Command.WorkerReport(welcomed.Worker) { Credits = credits });
        return welcomed.Worker;
    }

    public void Settle(WorkerId worker, Settlement settlement, int credits = 1) =>
        Tell(new Command.WorkerReport(worker) { Settlements = [settlement], Credits = credits });

    public static TaskSubmission Task(string handler = "h") => new() { Handler = handler };

    public static TaskPayload Bytes(int count) => new(new byte[count], "");

    public static PoolSettings Pool(string name = "p", int size = 1) =>
        new() { Name = name, Size = size, Command = ["worker"] };
}
