using System.Globalization;
using Queued.Broker.Tests.Model;
using Queued.Broker.Tests.Tracing;

namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// The real core, and sessions that use shared state, wait for it and die at any moment. After every step what the core
/// answered is compared with a naive model, word for word. What sessions do is in StateWorld.Draw.cs.
/// </summary>
internal sealed partial class StateWorld
{
    private const ulong FirstToken = 1000;

    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SimRandom _random;
    private readonly (string Name, StateSettings Settings)[] _objects;
    private readonly BrokerCore _core;
    private readonly StateModel _model = new(FirstToken);
    private readonly List<Effect> _effects = [];
    private readonly Queue<string> _last = new();
    private readonly HashSet<long> _unanswered = [];
    private long _now;
    private long _requests;
    private long _sessions;
    private ulong _hash = 14695981039346656037;

    private StateWorld(ulong seed, Mutant mutant)
    {
        _random = new SimRandom(seed);

        // Few at a time, so that sessions meet.
        _objects = Enumerable.Range(0, _random.Between(1, 4)).Select(_ => _random.Pick(Objects)).Distinct().ToArray();
        _core = new BrokerCore(new BrokerLimits(), seed, new TaskId(FirstToken)) { Mutant = mutant };
    }

    private Now Now => new(new Instant(_now), Start + TimeSpan.FromTicks(_now));

    public static StateRun Run(ulong seed, int events, Mutant mutant = Mutant.None)
    {
        var world = new StateWorld(seed, mutant);
        try
        {
            for (var step = 0; step < events; step++) world.Step();
            world.Finish();
            return new StateRun(seed, null, world._hash);
        }
        catch (Exception exception) when (exception is SimulationFailedException or InvariantException)
        {
            var failure = $"seed {seed}: {exception.Message}\n{string.Join('\n', world._last)}";
            return new StateRun(seed, failure, world._hash);
        }
    }

    /// <summary>Time passes until nobody's time can end any more, and then all go: each wait has its answer.</summary>
    private void Finish()
    {
        while (_model.NextDue() != long.MaxValue) Advance(_model.NextDue() - _now);
        foreach (var session in _model.Sessions.ToArray()) EndSession(session);
        if (_unanswered.Count > 0)
            throw new SimulationFailedException($"Nobody answered {string.Join(", ", _unanswered)}.");
        foreach (var (name, _) in _objects)
        {
            var delete = new Command.DeleteState(NextRequest(), name, Force: true);
            Do(delete, () => _model.Delete(delete));
        }

        if (_model.StateCount > 0) throw new SimulationFailedException("Objects are left.");
    }

    private void Do(Command command, Action model)
    {
        Note(command.ToString());
        if (command is Command.StateCommand of) _unanswered.Add(of.Request.Value);
        if (command is Command.WaitAny any) _unanswered.Add(any.Request.Value);
        _core.Apply(command, Now, _effects);
        model();
        Compare();
    }

    /// <summary>From one deadline to the next, as the daemon's loop does.</summary>
    private void Advance(long ticks)
    {
        var end = _now + ticks;
        while (true)
        {
            var due = _core.NextDeadline(Now).Ticks;
            if (due != _model.NextDue())
                throw new SimulationFailedException($"The core is due at {due}, the model at {_model.NextDue()}.");
            if (due > end) break;
            _now = due;
            _model.MoveTo(_now);
            Note("due");
            _core.Advance(Now, _effects);
            _model.Due();
            Compare();
        }

        _now = end;
        _model.MoveTo(_now);
    }

    private void Compare()
    {
        var answers = _effects.Cast<Effect.Reply>()
            .Select(reply => (Request: reply.Request.Value, Text: Text(reply.Response))).ToArray();
        _effects.Clear();
        foreach (var (request, text) in answers)
        {
            Note($"  {request}: {text}");
            if (!_unanswered.Remove(request)) throw new SimulationFailedException($"{request} is answered twice.");
            foreach (var character in text) _hash = (_hash ^ character) * 1099511628211;
            _hash = (_hash ^ (ulong)request) * 1099511628211;
        }

        if (!answers.SequenceEqual(_model.Answers))
        {
            throw new SimulationFailedException(
                $"The model answers {string.Join("; ", _model.Answers.Select(one => $"{one.Request}: {one.Text}"))}.");
        }

        _model.Answers.Clear();
        if (!_unanswered.SetEquals(_model.Waiting)) throw new SimulationFailedException("Others wait in the model.");
        _core.VerifyAll();
    }

    private void Note(string line)
    {
        _last.Enqueue(string.Create(CultureInfo.InvariantCulture, $"@{_now} {line}"));
        if (_last.Count > SimulationSettings.Last) _last.Dequeue();
    }

    private static string Text(Response response) => response switch
    {
        Response.Done => "done",
        Response.Rejected rejected => $"rejected {EffectText.Word(rejected.Rejection.Reason)}",
        Response.Ready ready => $"ready {(ready.Targets.Count == 0 ? "none" : string.Join(' ', ready.Targets))}",
        _ => StateText.Line(response) ?? throw new NotSupportedException(response.GetType().Name),
    };
}

/// <summary>How one world went.</summary>
/// <param name="Failure">What was wrong, and what came before it. Null: nothing.</param>
/// <param name="Hash">Of all answers.</param>
internal sealed record StateRun(ulong Seed, string? Failure, ulong Hash);
