using Queued.Broker.Tests.Model;
using Queued.Broker.Tests.Storage;

namespace Queued.Broker.Tests.Simulation;

/// <summary>
/// Queues of messages alone: the real core, sessions that put, get, settle and die, a daemon that is killed and started
/// again, and the naive model beside it. After every turn both have said the same.
/// </summary>
internal sealed partial class MessageWorld
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] QueueNames = ["letters", "parcels", "scraps"];

    private readonly SimRandom _random;
    private readonly int _events;
    private readonly Mutant _mutant;
    private readonly List<Effect> _effects = [];
    private readonly MessageModel _model = new(1);
    private readonly StoreImage _disk = new();
    private readonly HashSet<RequestId> _unanswered = [];
    private readonly List<string> _transcript = [];
    private readonly List<SessionId> _sessions = [];
    private BrokerCore _core;
    private TimeSpan _elapsed;
    private long _requests;
    private long _lastSession;

    public MessageWorld(ulong seed, int events, Mutant mutant)
    {
        _random = new SimRandom(seed);
        (_events, _mutant) = (events, mutant);
        _core = NewCore();
    }

    /// <summary>Bugs that this world has to find.</summary>
    public static IReadOnlyList<Mutant> Mutants { get; } =
    [
        Mutant.OvertakePutters, Mutant.ServeLatestGetter, Mutant.SkipDeliveryCheck, Mutant.KeepHeldOfDead,
        Mutant.TellBeforeGetters, Mutant.ForgetWatchesOfDeleted, Mutant.KeepUseOfLeft, Mutant.KeepHeldOfLeft,
    ];

    public ulong Hash { get; private set; } = 14695981039346656037;

    public IEnumerable<string> Last => _transcript.TakeLast(SimulationSettings.Last);

    private Now Now => new(new Instant(0) + _elapsed, Start + _elapsed);

    public void Run()
    {
        for (var turn = 0; turn < _events; turn++) Draw();
        DrainAll();
    }

    /// <summary>When nobody does anything new, every wait ends, and all messages can be got.</summary>
    private void DrainAll()
    {
        foreach (var name in QueueNames) Steer(name, QueueState.Active);
        foreach (var session in _sessions.ToArray()) EndSession(session);
        Advance(TimeSpan.FromDays(2));
        Require(_unanswered.Count == 0, $"{_unanswered.Count} operations were never answered.");
        var last = OpenSession();
        foreach (var name in QueueNames)
        {
            if (!_model.Queues.TryGetValue(name, out var queue)) continue;
            while (queue.Messages.Count > 0)
            {
                var before = queue.Messages.Count;
                Get(new Command.GetMessages(NextRequest(), last, name, 1000, TimeSpan.Zero, IsAutoAck: true, null));
                Require(queue.Messages.Count < before, $"'{name}' does not give what it has.");
            }
        }
    }

    private void Turn(string what, Command command, Action model)
    {
        Write($"{_elapsed} {what}");
        _core.Apply(command, Now, _effects);
        model();
        Compare();
    }

    /// <summary>Goes from deadline to deadline, as the daemon's loop does.</summary>
    private void Advance(TimeSpan span)
    {
        var end = _elapsed + span;
        while (true)
        {
            var due = _core.NextDeadline(Now);
            var expected = _model.NextDeadline();
            Require(due == expected,
                $"The next deadline is {due}, not {expected}.");
            if (due > new Instant(0) + end) break;
            if (due > Now.Monotonic) _elapsed = due - new Instant(0);
            _model.Now = Now.Monotonic;
            Write($"{_elapsed} advance");
            _core.Advance(Now, _effects);
            _model.Advance();
            Compare();
        }

        _elapsed = end;
        _model.Now = Now.Monotonic;
    }

    private void Crash(TimeSpan down)
    {
        Write($"{_elapsed} crash for {down}");
        _elapsed += down;
        _core = NewCore();
        _core.Restore(_disk.Load(), Now, _effects);
        _unanswered.Clear();
        _sessions.Clear();
        _model.Restart(Now.Monotonic);
        Compare();
    }

    private BrokerCore NewCore() =>
        new(new BrokerLimits(), seed: 1, new TaskId(_model.NextId)) { Mutant = _mutant };

    private void Compare()
    {
        var expected = _model.TakeAnswers();
        var read = new List<AttemptId>();
        foreach (var effect in _effects)
        {
            Hash = (Hash ^ EffectHash.Of(effect)) * 1099511628211;
            switch (effect)
            {
                case Effect.Persist persist:
                    _disk.Apply(persist.Change);
                    break;
                case Effect.Reply reply:
                    Write($"  {reply.Request} {Text(reply.Response)}");
                    if (reply.Response is Response.MessagesGiven { NeedsRead: true } given)
                        read.AddRange(given.Messages.Where(message => message.Payload.IsStored).Select(DeliveryOf));
                    Require(_unanswered.Remove(reply.Request), $"{reply.Request} was answered twice.");
                    Require(expected.Remove(reply.Request, out var answer),
                        $"{reply.Request} should wait, and was answered {Text(reply.Response)}.");
                    Require(answer == Text(reply.Response),
                        $"{reply.Request} should be '{answer}', not '{Text(reply.Response)}'.");
                    break;
            }
        }

        _effects.Clear();
        Require(expected.Count == 0,
            $"No answer came to {string.Join(", ", expected.Select(pair => $"{pair.Key} ({pair.Value})"))}.");
        _core.VerifyAll();
        CompareQueues();
        if (read.Count == 0) return;

        // The daemon reads what it hands out, and says so before anybody hears of it.
        var done = new Command.MessagesRead(read, []);
        Turn($"read {string.Join(' ', read)}", done, () => _model.Read(done));
    }

    private static AttemptId DeliveryOf(MessageView message) => new(message.Id, message.Delivery);

    private void CompareQueues()
    {
        _core.Apply(new Command.GetStatus(NextRequest(), WithViews: true), Now, _effects);
        var status = (Response.Status)((Effect.Reply)_effects.Single()).Response;
        _effects.Clear();
        var there = status.Counts.QueueViews.Select(Text);
        var expected = _model.Queues.Values.Select(Text);
        Require(there.SequenceEqual(expected),
            $"The queues are\n{string.Join('\n', there)}\nnot\n{string.Join('\n', expected)}");
        foreach (var queue in _model.Queues.Values)
        {
            _core.Apply(new Command.PeekMessages(NextRequest(), queue.Name, 1000, null), Now, _effects);
            var shown = (Response.MessagesShown)((Effect.Reply)_effects.Single()).Response;
            _effects.Clear();
            Require(
                shown.Messages.Select(message => message.Id).SequenceEqual(queue.InOrder.Select(message => message.Id)),
                $"'{queue.Name}' stands in another order: {string.Join(' ', shown.Messages.Select(one => one.Id))} " +
                $"not {string.Join(' ', queue.InOrder.Select(one => one.Id))}");
        }
    }

    private static string Text(QueueView queue) =>
        $"{queue.Name} {queue.State} waiting={queue.Scheduled + queue.Retrying} ready={queue.Queued} " +
        $"held={queue.Running} dead={queue.Dead} bytes={queue.PayloadBytes} ok={queue.SucceededTotal} " +
        $"cancelled={queue.CancelledTotal} failed={queue.FailedTotal} getters={queue.WaitingGetters} " +
        $"putters={queue.WaitingPutters}";

    private static string Text(ModelMessageQueue queue) =>
        $"{queue.Name} {queue.State} " +
        $"waiting={queue.Messages.Count(message => !message.IsReady && message.Holder is null)} " +
        $"ready={queue.Messages.Count(message => message.IsReady)} " +
        $"held={queue.Messages.Count(message => message.Holder is not null)} dead={queue.Dead.Count} " +
        $"bytes={queue.Messages.Sum(message => message.Bytes)} ok={queue.Succeeded} cancelled={queue.Cancelled} " +
        $"failed={queue.Failed} getters={queue.Waits.Count(wait => wait.Get is not null)} " +
        $"putters={queue.Putters.Count()}";

    private static string Text(Response response) => response switch
    {
        Response.Rejected rejected => rejected.Rejection.Reason.ToString(),
        Response.QueueUsed used => used.IsCreated ? "made" : "found",
        Response.MessagesPut put =>
            $"put {string.Join(' ', put.Ids.ToArray())} {put.Refusal?.Reason.ToString() ?? ""}",
        Response.MessagesGiven { Messages.Count: 0 } => "none",
        Response.MessagesGiven given =>
            $"given {string.Join(' ', given.Messages.Select(message => $"{message.Id}/{message.Delivery}"))}",
        Response.MessagesSettled settled =>
            $"settled, but {string.Join(' ', settled.Refused.Select(one => one.Delivery))}",
        Response.QueueJoined joined => $"unfinished {joined.Unfinished}",
        Response.Ready ready => $"ready {(ready.Targets.Count == 0 ? "none" : string.Join(' ', ready.Targets))}",
        Response.Purged purged => $"purged {purged.Count}",
        Response.OneQueue => "steered",
        Response.OneTask => "cancelled",
        Response.QueueDeleted { Left: 0 } or Response.Done => "done",
        _ => throw new NotSupportedException(response.GetType().Name),
    };

    private RequestId NextRequest() => new(++_requests);

    private void Write(string line) => _transcript.Add(line);

    private static void Require(bool condition, string message)
    {
        if (!condition) throw new SimulationFailedException(message);
    }
}
