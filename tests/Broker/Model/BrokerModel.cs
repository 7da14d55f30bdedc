using System.Diagnostics.CodeAnalysis;
using Queued.Broker.Tests.Simulation;

namespace Queued.Broker.Tests.Model;

/// <summary>
/// The broker once more, as docs/task-lifecycle.md tells it: plain lists, linear scans, nothing shared with the core.
/// It follows each turn: what the specification decides it predicts; where it leaves a choice (which worker, how much
/// jitter) it takes the core's and checks that it was allowed.
/// </summary>
internal sealed partial class BrokerModel(
    BrokerLimits limits, Func<Func<RequestId, Command>, Response> ask, TimeSpan lateness)
{
    private readonly List<ModelTask> _tasks = [];
    private readonly List<ModelQueue> _queues = [];
    private readonly List<ModelPool> _pools = [];
    private readonly List<ModelWorker> _workers = [];
    private readonly List<ModelTask> _touched = [];
    private List<Effect> _effects = [];
    private Response? _reply;
    private Now _now;
    private long _orders;
    private long _ends;
    private TaskId _lastId;

    public bool IsShuttingDown { get; private set; }

    public bool HasOpenTasks => _tasks.Exists(task => !task.State.IsFinal());

    public IReadOnlyList<string> QueueNames => _queues.ConvertAll(queue => queue.Name);

    /// <summary>Checks one turn of the core. Null: time passed.</summary>
    public void Step(int turn, Command? command, Now now, List<Effect> effects)
    {
        _turn = turn;
        _now = now;
        _effects = effects;
        _reply = ReplyTo(command);
        _touched.Clear();
        _finished.Clear();
        var mustRetain = BeginsRetention(isTime: command is null);
        if (command is null) PassTime();
        else Follow(command);
        Judge();
        CheckDeleted();
        CheckDead(mustRetain);
        CheckForgotten();
        NotePromises(command);
    }

    private void Judge()
    {
        _rejected.Clear();
        FindRejected();
        foreach (var effect in _effects) Follow(effect);
        OrderLetters();
        FollowDead();
        CheckDispatch();
        CheckStops();
        CheckPools();
        CheckFinished();
        CheckTouched();
        WriteTouched();
    }

    public bool IsRunningOn(AttemptId attempt, WorkerId worker) =>
        Find(attempt.Task) is { Worker: { } holder } task && holder.Id == worker && task.Attempt == attempt.Attempt;

    public string OpenTasks() =>
        string.Join(
            ", ",
            _tasks.Where(task => !task.State.IsFinal()).Select(task => $"{task.Id} {task.State} in {task.Queue.Name}"));

    [DoesNotReturn]
    private static void Fail(string what) => throw new SimulationFailedException(what);

    private static void Require([DoesNotReturnIf(false)] bool condition, string what)
    {
        if (!condition) Fail(what);
    }

    private Response? ReplyTo(Command? command)
    {
        Response? response = null;
        foreach (var effect in _effects)
        {
            if (effect is not Effect.Reply reply) continue;
            Require(response is null, $"{command} was answered twice.");
            response = reply.Response;
        }

        return response;
    }

    private RejectionReason? Refusal() => (_reply as Response.Rejected)?.Rejection.Reason;

    private void RequireReply(RejectionReason? expected, Command command)
    {
        Require(_reply is not null, $"{command} was not answered.");
        if (Refusal() != expected)
            Fail($"{command} was answered with {_reply}, not with {expected?.ToString() ?? "yes"}.");
    }

    private ModelTask? Find(TaskId id)
    {
        for (var index = _tasks.Count - 1; index >= 0; index--)
        {
            if (_tasks[index].Id == id) return _tasks[index];
        }

        return null;
    }

    private ModelQueue? FindQueue(string name) => _queues.Find(queue => queue.Name == name);

    private ModelPool? FindPool(string name) => _pools.Find(pool => pool.Settings.Name == name);

    private ModelWorker? FindWorker(WorkerId id)
    {
        foreach (var worker in _workers)
        {
            if (worker.Id == id) return worker;
        }

        return null;
    }

    private void Touch(ModelTask task)
    {
        if (!_touched.Contains(task)) _touched.Add(task);
    }
}
