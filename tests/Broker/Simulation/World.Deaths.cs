using Queued.Broker.Tests.Model;

namespace Queued.Broker.Tests.Simulation;

internal sealed partial class World
{
    private readonly FaultyStore _store;
    private bool _betaIsConfigured;

    private void ExpectDeath()
    {
        if (_swarm.Has(Trait.DaemonDeaths)) After(_random.Milliseconds(20, 30_000), () => Restart(isClean: false));
    }

    /// <summary>
    /// The daemon dies, and its workers with it. Another one starts from what the disk has: all after a clean stop.
    /// </summary>
    private void Restart(bool isClean)
    {
        if (_swarm.IsCalm)
        {
            _isShutDown |= isClean;
            return;
        }

        var survived = _store.Crash(keepsAll: isClean);
        Transcript.Mark(Now, isClean ? "restart" : $"crash, after turn {survived} all is lost");
        _events.Clear();
        _workers.Clear();
        for (var index = 0; index < _sessions.Count; index++) _sessions[index] = new SessionId(++_sessionNumber);
        _ticks += _random.Milliseconds(1, 20_000).Ticks;
        if (_swarm.Strikes(Trait.WallJumps)) JumpWall();
        _core = NewCore();
        _effects.Clear();
        _core.Restore(_store.Load(), Now, _effects);
        _turns++;
        Transcript.Add(Now, null, _effects);
        Tracing.PersistOrder.Check(_effects);
        _core.VerifyAll();
        _model.Restore(_turns, survived, Now, _effects);
        CarryOutAll();
        AdvanceTo(_ticks);
        if (_betaIsConfigured) CreatePool(PoolNames[1], exec: false);
        if (_swarm.Has(Trait.Externals)) ConnectExternal();
        After(_thinkTime, Act);
        ExpectDeath();
    }

    private BrokerCore NewCore() => new(_limits, _seed + (ulong)_turns, new TaskId(1)) { Mutant = _mutant };

    private BrokerModel NewModel()
    {
        var lateness = _swarm.Has(Trait.LateAdvance) ? TimeSpan.FromMilliseconds(LatenessMilliseconds) : TimeSpan.Zero;
        return new BrokerModel(_limits, Ask, lateness);
    }

    /// <summary>A payload that is handed out must be there, in memory or in the store.</summary>
    private void RequirePayloads(Effect effect)
    {
        switch (effect)
        {
            case Effect.Assign { Assignment: var given }:
                _store.Read(given.Attempt.Task, given.Payload, isResult: false);
                break;
            case Effect.StartExec { Assignment: var given }:
                _store.Read(given.Attempt.Task, given.Payload, isResult: false);
                break;
            case Effect.TaskFinished { Outcome: { Result: { } result } outcome }:
                _store.Read(outcome.Id, result, isResult: true);
                break;
            case Effect.Reply { Response: Response.OneTask { Task: { Result: { } result } task } }:
                _store.Read(task.Id, result, isResult: true);
                break;
        }
    }
}
