using System.Globalization;
using System.Text;
using Queued.Broker.Tests.Model;

namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// Sessions that open, send, receive, wait and die as chance has it, against the real core. The model says what each
/// must hear, and after each event the core counts itself again.
/// </summary>
internal sealed class PipesWorld
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] NamesOfPipes = ["a", "b", "c"];

    private readonly SimRandom _random;
    private readonly int _events;
    private readonly BrokerCore _core;
    private readonly PipesModel _model;
    private readonly List<Effect> _effects = [];
    private readonly List<long> _sessions = [];
    private readonly StringBuilder _transcript = new();
    private readonly HashSet<long> _open = [];
    private TimeSpan _elapsed;
    private long _requests;
    private long _latestSession;
    private int _messages;
    private (PipeEndId End, IReadOnlyList<TaskPayload> Messages)? _received;

    public PipesWorld(ulong seed, int events, Mutant mutant)
    {
        _random = new SimRandom(seed);
        _events = events;
        var limits = new BrokerLimits
        {
            PipesMax = 2,
            PipeMessagesMax = _random.Between(1, 6),
            PipeBytesTotalMax = _random.Between(500, 3000),
        };
        _model = new PipesModel(limits);
        _core = new BrokerCore(limits, seed, new TaskId(1)) { Mutant = mutant };
    }

    /// <summary>All that was said and answered, in words.</summary>
    public string Transcript => _transcript.ToString();

    private Now Now => new(new Instant(0) + _elapsed, Start + _elapsed);

    public void Run()
    {
        for (var step = 0; step < _events; step++) Step();
        foreach (var session in _sessions.ToArray()) End(session);
        if (!_model.IsQuiet || _open.Count > 0) throw new SimulationFailedException("Somebody waits for ever.");
        Pass(TimeSpan.FromMinutes(2));
        if (_model.PipeCount > 0) throw new SimulationFailedException("A pipe outlives everybody.");
        var list = new Command.ListPipes(Next(), 0, "");
        Apply(list, "pipes");
    }

    private void Step()
    {
        if (_sessions.Count == 0 || (_sessions.Count < 4 && _random.Chance(0.1)))
        {
            _sessions.Add(++_latestSession);
            Apply(new Command.OpenSession(new SessionId(_latestSession), $"s{_latestSession}"));
            return;
        }

        var kind = _random.Below(100);
        if (kind < 12) Apply(Open());
        else if (kind < 42) Apply(Send());
        else if (kind < 67) Apply(Receive());
        else if (kind < 78) Apply(Watch());
        else if (kind < 82) Apply(Close());
        else if (kind < 86) Return();
        else if (kind < 90) Cancel();
        else if (kind < 92) End(_random.Pick(_sessions));
        else Pass(_random.Milliseconds(1, _random.Chance(0.1) ? 100_000 : 3000));
    }

    private Command.OpenPipe Open() => new(
        Next(), Session(), _random.Pick(NamesOfPipes), _random.Chance(0.8) ? null : _random.Pick(
            (PipeSide[])[PipeSide.First, PipeSide.Second]),
        _random.Chance(0.9) ? PipeMode.Duplex : PipeMode.OneWay, 100);

    private Command.SendToPipe Send()
    {
        var end = EndOfSomebody();
        var messages = new TaskPayload[_random.Between(1, 4)];
        for (var at = 0; at < messages.Length; at++)
        {
            var length = _random.Chance(0.1) ? _random.Between(100, 300) : _random.Below(60);
            messages[at] = new TaskPayload(new byte[length], $"{++_messages}");
        }

        return new(Next(), end.Session, end.Id, messages, Wait());
    }

    private Command.ReceiveFromPipe Receive()
    {
        var end = EndOfSomebody();
        return new(Next(), end.Session, end.Id, _random.Below(5), Wait());
    }

    private Command Watch()
    {
        var end = EndOfSomebody();
        if (_random.Chance(0.5)) return new Command.PollPipe(Next(), end.Session, end.Id, Wait());
        var others = _model.Held.Where(other => other.Session == end.Session.Value)
            .Select(other => new WaitTarget.PipeEnd(new PipeEndId(other.Id)));
        return new Command.WaitAny(Next(), end.Session, [new WaitTarget.PipeEnd(end.Id), .. others], Wait());
    }

    private Command.ClosePipe Close()
    {
        var end = EndOfSomebody();
        return new(Next(), end.Session, end.Id, _random.Chance(0.4));
    }

    /// <summary>What the last answer brought did not reach anybody.</summary>
    private void Return()
    {
        if (_received is not { } received) return;
        _received = null;
        var holder = _model.Held.FirstOrDefault(end => end.Id == received.End.Value)?.Session ?? 0;
        Apply(new Command.ReturnToPipe(new SessionId(holder), received.End, received.Messages));
    }

    private void Cancel()
    {
        var waiting = _open.Count > 0 && _random.Chance(0.9)
            ? _open.Order().First()
            : _random.Below((int)_requests + 1);
        Apply(new Command.CancelWait(new RequestId(waiting)));
    }

    private void End(long session)
    {
        _sessions.Remove(session);
        Apply(new Command.EndSession(new SessionId(session)));
    }

    private void Pass(TimeSpan time)
    {
        _elapsed += time;
        // Never two deadlines at the same moment: their order is nobody's promise.
        _elapsed += TimeSpan.FromTicks(1);
        _transcript.AppendLine(CultureInfo.InvariantCulture, $"-- {_elapsed}");
        while (_core.NextDeadline(Now) <= Now.Monotonic) _core.Advance(Now, _effects);
        _model.Advance(Now.Monotonic);
        Compare(null);
    }

    private void Apply(Command command, string? expected = null)
    {
        _transcript.AppendLine(command is Command.SendToPipe send
            ? $"{send} {string.Join(' ', send.Messages.Select(message => $"{message.ContentType}:{message.Length}"))}"
            : command.ToString());
        _core.Apply(command, Now, _effects);
        _model.Apply(command, Now.Monotonic);
        if (command is Command.ReceiveFromPipe or Command.SendToPipe or Command.PollPipe or Command.WaitAny)
            _open.Add(_requests);
        if (_effects is [Effect.Reply { Response: Response.PipeReceived { Messages.Count: > 0 } received }] &&
            command is Command.ReceiveFromPipe receive)
        {
            _received = (receive.End, received.Messages);
        }
        else
        {
            _received = null;
        }

        Compare(expected);
        _elapsed += TimeSpan.FromTicks(1);
    }

    private void Compare(string? listed)
    {
        var expected = _model.TakeReplies();
        if (listed is not null) expected.Add(_requests, listed);
        foreach (var effect in _effects)
        {
            var reply = (Effect.Reply)effect;
            var text = Show(reply.Response);
            _transcript.AppendLine(CultureInfo.InvariantCulture, $"    {reply.Request} {text}");
            _open.Remove(reply.Request.Value);
            if (!expected.Remove(reply.Request.Value, out var wanted))
                throw new SimulationFailedException($"{reply.Request} heard '{text}', and should hear nothing now.");
            if (!IsAs(wanted, text))
                throw new SimulationFailedException($"{reply.Request} heard '{text}', and should hear '{wanted}'.");
        }

        _effects.Clear();
        if (expected.Count > 0)
        {
            var (request, text) = expected.First();
            throw new SimulationFailedException($"r{request} hears nothing, and should hear '{text}'.");
        }

        _core.VerifyAll();
    }

    /// <summary>A wait for several things may be answered when only some of a turn's have become ready.</summary>
    private static bool IsAs(string wanted, string text) =>
        wanted == text || (text.StartsWith("ready ", StringComparison.Ordinal) &&
            !text.Split(' ').Except(wanted.Split(' ')).Any());

    private static string Show(Response response) => response switch
    {
        Response.Rejected rejected => rejected.Rejection.Reason.ToString(),
        Response.Done => "done",
        Response.PipeOpened opened => $"opened {opened.End} {(int)opened.Side}",
        Response.PipeSent sent => $"sent {sent.Count}",
        Response.PipeReceived received =>
            $"received{string.Concat(received.Messages.Select(message => $" {message.ContentType}"))}" +
            (received.IsEnd ? " END" : ""),
        Response.Ready ready => $"ready {string.Join(' ', ready.Targets)}".TrimEnd(),
        Response.PipePage page => $"pipes {string.Join(' ', page.Pipes.Select(pipe => pipe.Name))}".TrimEnd(),
        _ => throw new NotSupportedException(response.GetType().Name),
    };

    private RequestId Next() => new(++_requests);

    private SessionId Session() => new(_random.Pick(_sessions));

    private TimeSpan Wait() => _random.Chance(0.25) ? TimeSpan.Zero : _random.Milliseconds(1, 10_000);

    /// <summary>Mostly one that is held; now and then anybody's, or none.</summary>
    private (SessionId Session, PipeEndId Id) EndOfSomebody()
    {
        var held = _model.Held.ToArray();
        if (held.Length == 0 || _random.Chance(0.03))
            return (Session(), new PipeEndId((ulong)_random.Below(20)));
        var end = _random.Pick(held);
        return (new SessionId(end.Session), new PipeEndId(end.Id));
    }
}
