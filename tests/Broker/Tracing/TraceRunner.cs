using Queued.Broker.Tests.Storage;

namespace Queued.Broker.Tests.Tracing;

/// <summary>Plays the commands of one story against a core of its own and writes down what it answers.</summary>
internal sealed class TraceRunner
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<Effect> _effects = [];
    private readonly List<Change> _unflushed = [];
    private readonly StoreImage _disk = new();
    private BrokerCore? _core;
    private BrokerLimits _limits = new();
    private long _requests;
    private RequestId _latest;
    private TimeSpan _elapsed;
    private TimeSpan _wallOffset;

    public TraceNames Names { get; } = new();

    public DateTimeOffset Wall => Start + _elapsed + _wallOffset;

    private Now Now => new(new Instant(0) + _elapsed, Wall);

    private BrokerCore Core => _core ??= new BrokerCore(_limits, seed: 1, new TaskId(1));

    public List<string> Run(TraceLine line)
    {
        var lines = new List<string>();
        Names.Latest = default;
        switch (line.Verb)
        {
            case "limits":
                if (_core is not null) throw new FormatException("Limits come before every other command.");
                _limits = LimitVerbs.Parse(line, _limits);
                break;
            case "advance":
                Advance(TraceTime.Parse(line.Word(0)), lines);
                break;
            case "stall":
                // The daemon stands still: no turn, whatever is due.
                _elapsed += TraceTime.Parse(line.Word(0));
                AdvanceDue(lines);
                break;
            case "jump":
                _wallOffset += TraceTime.Parse(line.Word(0));
                AdvanceDue(lines);
                break;
            case "crash":
                Crash(line, lines);
                break;
            default:
                var before = _requests;
                var command = Parse(line);
                _latest = _requests > before ? new RequestId(_requests) : default;
                Core.Apply(command, Now, _effects);
                Names.Learn(line, command, _effects);
                if (_latest != default && !_effects.Exists(IsReplyToLatest)) lines.Add($"waits " +
                    $"{Names.Find(_latest) ?? $"{_latest}"}");
                Write(lines);
                _latest = default;
                AdvanceDue(lines);
                break;
        }

        line.RequireAllRead();
        return lines;
    }

    public RequestId NextRequest() => Names.Latest = new RequestId(++_requests);

    private Command Parse(TraceLine line) =>
        TaskVerbs.Parse(line, this) ?? QueueVerbs.Parse(line, this) ?? PoolVerbs.Parse(line, this) ??
        WorkerVerbs.Parse(line, this) ?? SessionVerbs.Parse(line, this) ?? MessageVerbs.Parse(line, this) ??
        StateVerbs.Parse(line, this) ?? MemoryVerbs.Parse(line, this) ?? PipeVerbs.Parse(line, this) ??
        throw new FormatException($"There is no verb '{line.Verb}'.");

    /// <summary>Goes from deadline to deadline, as the daemon's loop does.</summary>
    private void Advance(TimeSpan span, List<string> lines)
    {
        var end = _elapsed + span;
        for (var turns = 0; turns < 10_000; turns++)
        {
            var due = Core.NextDeadline(Now);
            if (due > new Instant(0) + end)
            {
                _elapsed = end;
                return;
            }

            if (due > Now.Monotonic) _elapsed = due - new Instant(0);
            Core.Advance(Now, _effects);
            Names.Learn(_effects);
            if (_effects.Count > 0) lines.Add($"@{TraceTime.Show(_elapsed)}");
            Write(lines);
        }

        throw new InvalidOperationException("The next deadline does not move.");
    }

    /// <summary>
    /// The daemon dies, <c>down</c> for so long, and another one takes up what the store has: all that was written, or
    /// with <c>power</c> what was flushed.
    /// </summary>
    private void Crash(TraceLine line, List<string> lines)
    {
        if (!line.Flag("power")) Flush();
        _unflushed.Clear();
        _elapsed += line.Span("down") ?? TimeSpan.Zero;
        _core = new BrokerCore(_limits, seed: 1, new TaskId(1));
        _core.Restore(_disk.Load(), Now, _effects);
        Write(lines);
        AdvanceDue(lines);
    }

    private void Flush()
    {
        foreach (var change in _unflushed) _disk.Apply(change);
        _unflushed.Clear();
    }

    private void AdvanceDue(List<string> lines)
    {
        for (var turns = 0; Core.NextDeadline(Now) <= Now.Monotonic; turns++)
        {
            if (turns == 100) throw new InvalidOperationException("The next deadline does not move.");
            Core.Advance(Now, _effects);
            Names.Learn(_effects);
            Write(lines);
        }
    }

    private void Write(List<string> lines)
    {
        PersistOrder.Check(_effects);
        foreach (var persist in _effects.OfType<Effect.Persist>()) _unflushed.Add(persist.Change);
        if (_effects.Exists(effect => effect is Effect.Persist { MustFlush: true })) Flush();
        foreach (var effect in _effects)
        {
            var first = lines.Count;
            EffectText.Append(effect, Names, lines);
            if (effect is not Effect.Reply reply) continue;
            // Of an operation that has waited, or that the story gave a name.
            var name = Names.Find(reply.Request) ?? (IsReplyToLatest(reply) ? null : $"{reply.Request}");
            for (var at = first; name is not null && at < lines.Count; at++)
                lines[at] = lines[at].Insert("reply".Length, $" {name}");
        }

        _effects.Clear();
    }

    private bool IsReplyToLatest(Effect effect) => effect is Effect.Reply reply && reply.Request == _latest;
}
