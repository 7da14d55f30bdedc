namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private static readonly string[] QueueNames = ["default", "mail", "video", "disk"];
    private static readonly string[] PoolNames = ["alpha", "beta"];
    private static readonly string[] Keys = ["k1", "k2", "k3"];

    private readonly List<TaskId> _submitted = [];
    private readonly List<SessionId> _sessions = [];
    private long _sessionNumber;
    private TimeSpan _thinkTime;

    private void StartClients()
    {
        _thinkTime = _random.Milliseconds(2, 400);
        for (var session = 0; session < 3; session++) _sessions.Add(new SessionId(++_sessionNumber));
        for (var queue = 1; queue < QueueNames.Length; queue++) DeclareQueue(QueueNames[queue]);
        _betaIsConfigured = _random.Chance(0.5);
        foreach (var pool in PoolNames) CreatePool(pool, exec: false);
        if (_swarm.Has(Trait.Exec)) CreatePool("commands", exec: true);
        if (_swarm.Has(Trait.Externals)) ConnectExternal();
        After(_thinkTime, Act);
        ExpectDeath();
    }

    private void Act()
    {
        if (_swarm.IsCalm) return;
        ActOnce();
        After(_random.Span(_thinkTime / 4, _thinkTime * 2), Act);
    }

    private void ActOnce()
    {
        if (_swarm.Strikes(Trait.WallJumps)) JumpWall();
        else if (_swarm.Strikes(Trait.SessionDeaths)) EndSession();
        else if (_swarm.Strikes(Trait.StaleWords)) SayStaleWords();
        else if (_swarm.Strikes(Trait.BadRequests)) AskBadly();
        else if (_swarm.Strikes(Trait.Watches)) Watch();
        else if (_swarm.Strikes(Trait.Cancels)) Cancel();
        else if (_swarm.Strikes(Trait.HandRetries)) Retry(AnyTask());
        else if (_swarm.Strikes(Trait.DeadLetters)) RequeueDead();
        else if (_swarm.Strikes(Trait.Externals)) ConnectExternal();
        else if (!SteerQueues() && !SteerPools()) Submit();
        if (_swarm.Strikes(Trait.Shutdown) && _random.Chance(0.1)) BeginShutdown();
    }

    private void JumpWall() => _wallOffset += _random.Pick([1, -1]) * _random.Milliseconds(100, 600_000);

    private void Submit()
    {
        var count = _random.Chance(0.7) ? 1 : _random.Between(2, 6);
        var tasks = new TaskSubmission[count];
        for (var index = 0; index < count; index++) tasks[index] = DrawTask();
        var response = Turn(new Command.SubmitTasks(NextRequest(), _random.Pick(_sessions), tasks));
        if (response is not Response.Submitted submitted) return;
        foreach (var result in submitted.Results)
        {
            if (result.Rejection is null) _submitted.Add(result.Id);
        }
    }

    private void Retry(TaskId task)
    {
        if (Turn(new Command.RetryTask(NextRequest(), task)) is Response.Retried retried) _submitted.Add(retried.Task);
    }

    private void Cancel() => Turn(new Command.CancelTask(
        NextRequest(), AnyTask(), "not needed", _random.Chance(0.5) ? _random.Milliseconds(1, 3000) : null));

    private void Watch()
    {
        var session = _random.Pick(_sessions);
        TaskId[] tasks = _random.Chance(0.5) ? [AnyTask()] : [AnyTask(), AnyTask()];
        if (_random.Chance(0.2)) Turn(new Command.UnwatchTasks(session, tasks));
        else Turn(new Command.WatchTasks(NextRequest(), session, tasks, EveryChange: _random.Chance(0.3)));
    }

    private void EndSession()
    {
        var index = _random.Below(_sessions.Count);
        Turn(new Command.EndSession(_sessions[index]));
        _sessions[index] = new SessionId(++_sessionNumber);
    }

    private void RequeueDead()
    {
        var queue = _random.Pick(QueueNames);
        var page = Turn(new Command.ListDead(NextRequest(), queue, 5, null)) as Response.DeadPage;
        TaskId[] some = page is null || _random.Chance(0.3) ? [] : page.Tasks.Select(task => task.Id).ToArray();
        if (Turn(new Command.RequeueDead(NextRequest(), queue, some)) is Response.Requeued requeued)
            _submitted.AddRange(requeued.Tasks);
    }

    private TaskId AnyTask() =>
        _submitted.Count == 0 || _random.Chance(0.02) ? new TaskId(99_999)
        : _random.Chance(0.7) ? _submitted[^_random.Between(1, Math.Min(10, _submitted.Count))]
        : _random.Pick(_submitted);

    private string[] PickQueues() =>
        _random.Chance(0.5) ? QueueNames : [QueueNames[_random.Below(2) * 2], "mail"];

    private static TaskPayload PayloadOf(int length) => new(new byte[length], "application/octet-stream");
}
