using Queued.Broker.Tests.Model;

namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// The real core among simulated clients, processes and clocks. Time is virtual and moves from event to event; after
/// each turn of the core the model says whether it did right.
/// </summary>
internal sealed partial class World
{
    private static readonly DateTimeOffset WallStart = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int LatenessMilliseconds = 80;

    private readonly SimRandom _random;
    private readonly Swarm _swarm;
    private readonly BrokerLimits _limits;
    private readonly ulong _seed;
    private readonly Mutant _mutant;
    private readonly BrokerModel _model;
    private readonly PriorityQueue<Action, (long Ticks, long Number)> _events = new();
    private readonly List<Effect> _effects = [];
    private readonly List<Effect> _probeEffects = [];
    private readonly int _eventsMax;
    private BrokerCore _core;
    private long _eventNumber;
    private long _ticks;
    private TimeSpan _wallOffset;
    private int _turns;
    private long _requests;
    private bool _isShutDown;

    public World(ulong seed, int eventsMax, Mutant mutant)
    {
        _eventsMax = eventsMax;
        _seed = seed;
        _mutant = mutant;
        _random = new SimRandom(seed);
        _swarm = new Swarm(_random);
        _limits = DrawLimits();
        _core = NewCore();
        _model = NewModel();
        _store = new FaultyStore(_random, _swarm, After);
        _store.Told += _model.Told;
        _store.Reached += () => After(TimeSpan.Zero, () => Turn(new Command.StoreReached()));
        _store.Failed += () => After(_random.Milliseconds(1, 500), () => Restart(isClean: false));
    }

    public Transcript Transcript { get; } = new();

    public int Turns => _turns;

    public Swarm Swarm => _swarm;

    private Now Now => new(new Instant(_ticks), WallStart + TimeSpan.FromTicks(_ticks) + _wallOffset);

    public void Run()
    {
        StartClients();
        while (_turns < _eventsMax && !_isShutDown) Next();
        Drain();
    }

    private void Next()
    {
        if (_events.TryDequeue(out var happen, out var at))
        {
            AdvanceTo(at.Ticks);
            happen();
            return;
        }

        var due = _core.NextDeadline(Now);
        if (due == Instant.Never) throw new SimulationFailedException("The world stands still.");
        AdvanceTo(due.Ticks);
    }

    private void After(TimeSpan delay, Action happen) =>
        _events.Enqueue(happen, (_ticks + Math.Max(0, delay.Ticks), ++_eventNumber));

    private void AdvanceTo(long ticks)
    {
        for (var turns = 0; _core.NextDeadline(Now) is var due && due.Ticks <= ticks; turns++)
        {
            if (turns > 200) throw new SimulationFailedException($"The deadline {due} does not move.");
            var target = Math.Max(_ticks, due.Ticks);
            if (_swarm.Strikes(Trait.LateAdvance)) target += _random.Milliseconds(1, LatenessMilliseconds - 1).Ticks;
            _ticks = Math.Max(_ticks, Math.Min(target, ticks));
            Turn(null);
        }

        _ticks = Math.Max(_ticks, ticks);
    }

    /// <summary>One turn of the core; null lets time do its work.</summary>
    private Response? Turn(Command? command)
    {
        _turns++;
        _effects.Clear();
        if (command is null) _core.Advance(Now, _effects);
        else _core.Apply(command, Now, _effects);
        Transcript.Add(Now, command, _effects);
        Tracing.PersistOrder.Check(_effects);
        _model.Step(_turns, command, Now, _effects);
        if (_turns % 50 == 0) CheckAll();
        return CarryOutAll();
    }

    private Response? CarryOutAll()
    {
        Response? response = null;
        _store.Take(_turns, _effects);
        foreach (var effect in _effects)
        {
            if (effect is Effect.Reply reply) response = reply.Response;
            RequirePayloads(effect);
            CarryOut(effect);
        }

        return response;
    }

    private Response Ask(Func<RequestId, Command> question)
    {
        var request = NextRequest();
        _probeEffects.Clear();
        _core.Apply(question(request), Now, _probeEffects);
        if (_probeEffects is [Effect.Reply reply] && reply.Request == request) return reply.Response;
        throw new SimulationFailedException($"{question(request)} had {_probeEffects.Count} effects, not one reply.");
    }

    private RequestId NextRequest() => new(++_requests);

    private void CheckAll()
    {
        _core.VerifyAll();
        _model.Recount();
    }
}
