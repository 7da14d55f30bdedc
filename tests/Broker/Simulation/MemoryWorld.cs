using Queued.Broker.Tests.Model;

namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// The real core with clients that make, open, resize and leave segments, die in the middle of it, and a machine whose
/// files take their time and sometimes have no room. After each turn the model says whether it did right.
/// </summary>
internal sealed class MemoryWorld
{
    private const int SessionsMax = 5;
    private const ulong FirstNumber = 100;

    private static readonly DateTimeOffset WallStart = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Names = ["", "", "a", "b", "c", "no/name"];

    private readonly SimRandom _random;
    private readonly BrokerLimits _limits;
    private readonly BrokerCore _core;
    private readonly MemoryModel _model;
    private readonly List<Effect> _effects = [];
    private readonly Queue<Effect> _steps = new();
    private readonly Dictionary<SegmentId, long> _files = [];
    private readonly HashSet<RequestId> _open = [];
    private readonly double _deaths;
    private readonly double _fullness;
    private TimeSpan _elapsed;
    private long _requests;
    private long _sessions;

    public MemoryWorld(ulong seed, Mutant mutant)
    {
        _random = new SimRandom(seed);
        _deaths = _random.Unit() * 0.1;
        _fullness = _random.Chance(0.5) ? 0 : _random.Unit() * 0.5;
        _limits = new BrokerLimits
        {
            SegmentsMax = _random.Between(1, 6),
            SegmentBytesMax = 100,
            SegmentBytesTotalMax = _random.Between(50, 400),
        };
        _core = new BrokerCore(_limits, seed, new TaskId(FirstNumber)) { Mutant = mutant };
        _model = new MemoryModel(_limits, FirstNumber);
    }

    public ulong Hash { get; private set; }

    private Now Now => new(new Instant(0) + _elapsed, WallStart + _elapsed);

    public void Run(int events)
    {
        for (var n = 0; n < events; n++)
        {
            Let(_random.Chance(0.02) ? _random.Milliseconds(1_000, 90_000) : _random.Milliseconds(1, 50));
            if (_steps.Count > 0 && _random.Chance(0.4)) CarryOutOne();
            else Turn(Draw());
        }

        Drain();
    }

    /// <summary>When everybody has gone and every file was seen to, nothing is left and nobody waits.</summary>
    private void Drain()
    {
        while (_steps.Count > 0) CarryOutOne();
        Require(_open.Count == 0 && _model.WaitCount == 0, "Somebody waits for a file that nobody works on.");
        foreach (var session in _model.Sessions.ToList()) Turn(new Command.EndSession(session));
        while (_steps.Count > 0) CarryOutOne();
        Require(_files.Count == 0, "Files are left that nobody uses.");
    }

    private Command Draw()
    {
        if (_model.Sessions.Count == 0 || (_model.Sessions.Count < SessionsMax && _random.Chance(0.1)))
            return new Command.OpenSession(new SessionId(++_sessions), "");
        var session = _random.Chance(0.02) ? new SessionId(999) : _random.Pick(_model.Sessions);
        if (_random.Chance(_deaths)) return new Command.EndSession(session);
        var request = new RequestId(++_requests);
        return _random.Below(10) switch
        {
            0 or 1 => new Command.CreateSegment(request, session, _random.Pick(Names), _random.Between(0, 105)),
            2 => new Command.OpenSegment(request, session, _random.Pick(Names), null),
            3 => new Command.OpenSegment(request, session, "", Segment()),
            4 or 5 => new Command.ResizeSegment(request, session, Segment(), _random.Between(0, 105)),
            6 or 7 => new Command.CloseSegment(request, session, Segment()),
            8 => new Command.UnlinkSegment(request, _random.Pick(Names)),
            _ => new Command.CancelWait(new RequestId(_requests - _random.Below(8))),
        };
    }

    private SegmentId Segment() => _model.Segments.Count == 0 || _random.Chance(0.03)
        ? new SegmentId(FirstNumber + (ulong)_random.Below(50))
        : _random.Pick(_model.Segments).Id;

    private void CarryOutOne()
    {
        switch (_steps.Dequeue())
        {
            case Effect.CreateSegment create:
                var isFull = _random.Chance(_fullness);
                if (!isFull) _files.Add(create.Id, create.Bytes);
                Turn(new Command.SegmentReady(create.Id, isFull ? "ENOSPC" : null));
                break;
            case Effect.ResizeSegment resize:
                Require(_files[resize.Id] == resize.FromBytes, "A file has not the length that it is thought to have.");
                var fails = resize.ToBytes > resize.FromBytes && _random.Chance(_fullness);
                if (!fails) _files[resize.Id] = resize.ToBytes;
                Turn(new Command.SegmentReady(resize.Id, fails ? "ENOSPC" : null));
                break;
            case Effect.RemoveSegment remove:
                // One that was never made is not there either.
                _files.Remove(remove.Id);
                break;
        }
    }

    private void Let(TimeSpan time)
    {
        var end = _elapsed + time;
        while (_core.NextDeadline(Now) is var due && due <= new Instant(0) + end)
        {
            _elapsed = TimeSpan.FromTicks(Math.Max(_elapsed.Ticks, due.Ticks));
            _effects.Clear();
            _core.Advance(Now, _effects);
            _model.Advance(Now.Monotonic);
            Check("time");
        }

        _elapsed = end;
    }

    private void Turn(Command command)
    {
        if (RequestOf(command) is { } request) _open.Add(request);
        _effects.Clear();
        _core.Apply(command, Now, _effects);
        _model.Apply(command, Now.Monotonic);
        Check(command.ToString());
    }

    private void Check(string what)
    {
        var replies = new Dictionary<RequestId, string>();
        var files = new List<Effect>();
        foreach (var effect in _effects)
        {
            Hash = (Hash * 0x9E3779B97F4A7C15) ^ EffectHash.Of(effect);
            if (effect is Effect.Reply reply)
            {
                Require(_open.Remove(reply.Request), $"{reply.Request} is answered twice.");
                replies.Add(reply.Request, Text(reply.Response));
            }
            else
            {
                files.Add(effect);
                _steps.Enqueue(effect);
            }
        }

        Require(
            replies.OrderBy(pair => pair.Key.Value).SequenceEqual(_model.Replies.OrderBy(pair => pair.Key.Value)),
            $"After {what} it says {Show(replies)} and should say {Show(_model.Replies)}.");
        Require(
            Sorted(files).SequenceEqual(Sorted(_model.Files)),
            $"After {what} it asks for {string.Join("; ", files)} and should for {string.Join("; ", _model.Files)}.");
        _core.VerifyAll();
    }

    private static string Show(Dictionary<RequestId, string> replies) =>
        string.Join("; ", replies.Select(pair => $"{pair.Key}: {pair.Value}"));

    /// <summary>Steps of different segments may come in any order.</summary>
    private static IEnumerable<string?> Sorted(IEnumerable<Effect> files) =>
        files.Select(file => file.ToString()).Order(StringComparer.Ordinal);

    private static string Text(Response response) => response switch
    {
        Response.Rejected rejected => rejected.Rejection.Reason.ToString(),
        Response.OneSegment one => $"{one.Segment.Id} {one.Segment.Bytes}",
        _ => response.GetType().Name,
    };

    private static RequestId? RequestOf(Command command) => command switch
    {
        Command.CreateSegment create => create.Request,
        Command.OpenSegment open => open.Request,
        Command.ResizeSegment resize => resize.Request,
        Command.CloseSegment close => close.Request,
        Command.UnlinkSegment unlink => unlink.Request,
        _ => null,
    };

    private static void Require(bool isSo, string otherwise)
    {
        if (!isSo) throw new SimulationFailedException(otherwise);
    }
}
