namespace Queued.Broker.Tests.Model;

/// <summary>
/// Shared state once more, as naive as can be: lists, and a look at everything. Written from the contract; shares
/// nothing with the core. What can be held or waited for is in StateModel.Holding.cs.
/// </summary>
internal sealed partial class StateModel(ulong firstToken)
{
    private readonly SortedDictionary<string, ModelState> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<long, List<string>> _uses = [];
    private readonly List<ModelWait> _waits = [];
    private ulong _nextToken = firstToken;
    private long _now;

    /// <summary>What has to be answered, and in which order, since this was last cleared.</summary>
    public List<(long Request, string Text)> Answers { get; } = [];

    public IEnumerable<long> Sessions => _uses.Keys.Order();

    public IEnumerable<long> Waiting => _waits.Select(wait => wait.Request);

    public int StateCount => _states.Count;

    public IEnumerable<ulong> TokensOf(long session, string name) =>
        _states.TryGetValue(name, out var state)
            ? state.Grants.Where(grant => grant.Session == session).Select(grant => grant.Token)
            : [];

    /// <summary>0: nobody holds it.</summary>
    public long HolderOf(string name) =>
        _states.TryGetValue(name, out var state) && state.Grants.Count > 0 ? state.Grants[0].Session : 0;

    /// <summary>When something happens by itself. The greatest number: never.</summary>
    public long NextDue() => _waits.Select(wait => wait.Due)
        .Concat(_states.Values.SelectMany(state => state.Grants).Select(grant => grant.Until))
        .DefaultIfEmpty(long.MaxValue).Min();

    public void MoveTo(long now) => _now = now;

    /// <summary>Does the one thing that is due.</summary>
    public void Due()
    {
        if (_waits.Find(wait => wait.Due <= _now) is { } wait)
        {
            TimeIsOver(wait);
            return;
        }

        var state = _states.Values.First(state => state.Grants.Exists(grant => grant.Until <= _now));
        state.Grants.RemoveAll(grant => grant.Until <= _now);
        state.Free++;
        Serve(state);
    }

    public void Open(long session) => _uses.Add(session, []);

    public void End(long session)
    {
        while (_waits.Find(wait => wait.Session == session) is { } wait) Refuse(wait, "SESSION_NOT_FOUND");
        foreach (var name in _uses[session].ToArray()) Leave(session, name);
        _uses.Remove(session);
    }

    public void Use(Command.UseState command)
    {
        var session = command.Session.Value;
        if (!_uses.TryGetValue(session, out var uses))
        {
            Reject(command, "SESSION_NOT_FOUND");
            return;
        }

        if (_states.TryGetValue(command.Name, out var state) && state.Settings != command.Settings)
        {
            Reject(command, state.Settings.Kind == command.Settings.Kind ? "STATE_CONFLICT" : "WRONG_KIND");
            return;
        }

        Answer(command, state is null ? "made" : "used");
        if (state is null) _states.Add(command.Name, state = new ModelState(command.Settings));
        state.Keep |= command.Keep;
        if (!uses.Contains(command.Name)) uses.Add(command.Name);
    }

    public void Leave(Command.LeaveState command)
    {
        var session = command.Session.Value;
        if (!Uses(command)) return;
        var state = _states[command.Name];
        foreach (var wait in _waits.Where(wait => wait.Session == session && wait.IsFor(state)).ToArray())
        {
            if (_waits.Contains(wait)) Refuse(wait, "STATE_NOT_FOUND");
        }

        Leave(session, command.Name);
        Answer(command, "done");
    }

    public void Delete(Command.DeleteState command)
    {
        if (!_states.TryGetValue(command.Name, out var state))
        {
            Reject(command, "STATE_NOT_FOUND");
            return;
        }

        var waits = _waits.Where(wait => wait.IsFor(state)).ToArray();
        if (!command.Force && (state.Grants.Count > 0 || waits.Length > 0))
        {
            Reject(command, "STATE_IN_USE");
            return;
        }

        // Those that sleep first, then those that stand in line, then those that wait for others as well.
        foreach (var wait in state.Sleepers.Concat(state.Line).Concat(Watching(state)).ToArray())
            Finish(wait, "rejected STATE_NOT_FOUND");
        foreach (var uses in _uses.Values) uses.Remove(command.Name);
        _states.Remove(command.Name);
        Answer(command, "done");
    }

    public void Revoke(Command.RevokeGrant command)
    {
        if (!_states.TryGetValue(command.Name, out var state))
        {
            Reject(command, "STATE_NOT_FOUND");
            return;
        }

        if (!state.Grantable)
        {
            Reject(command, "WRONG_KIND");
            return;
        }

        var grant = command.Token == 0
            ? state.Grants.FirstOrDefault()
            : state.Grants.Find(grant => grant.Token == command.Token);
        if (grant is null)
        {
            Reject(command, command.Token == 0 ? "NOT_HELD" : "GRANT_STALE");
            return;
        }

        state.Grants.Remove(grant);
        state.Free++;
        Serve(state);
        Answer(command, $"revoked token={grant.Token}");
    }

    public void Cancel(long request)
    {
        if (_waits.Find(wait => wait.Request == request) is not { } wait) return;
        if (wait.IsOfCondition) TimeIsOver(wait);
        else Refuse(wait, "WAIT_CANCELLED");
    }

    private void Leave(long session, string name)
    {
        var state = _states[name];
        state.Free += state.Grants.RemoveAll(grant => grant.Session == session);
        Serve(state);
        _uses[session].Remove(name);
        if (!state.Keep && !_uses.Values.Any(uses => uses.Contains(name))) _states.Remove(name);
    }

    /// <summary>What the session uses, or, where nothing is held, what is kept. Refuses where there is none.</summary>
    private ModelState? Find(Command.StateCommand command, bool isHolding, params StateKind[] kinds)
    {
        if (!_uses.TryGetValue(command.Session.Value, out var uses))
        {
            Reject(command, "SESSION_NOT_FOUND");
            return null;
        }

        _states.TryGetValue(command.Name, out var state);
        if (state is null || (!uses.Contains(command.Name) && (isHolding || !state.Keep)))
        {
            Reject(command, "STATE_NOT_FOUND");
            return null;
        }

        if (kinds.Contains(state.Settings.Kind)) return state;
        Reject(command, "WRONG_KIND");
        return null;
    }

    private bool Uses(Command.StateCommand command)
    {
        if (_uses.TryGetValue(command.Session.Value, out var uses) && uses.Contains(command.Name)) return true;
        Reject(command, uses is null ? "SESSION_NOT_FOUND" : "STATE_NOT_FOUND");
        return false;
    }

    private void Answer(Command.StateCommand command, string text) => Answers.Add((command.Request.Value, text));

    private void Reject(Command.StateCommand command, string reason) => Answer(command, $"rejected {reason}");

    private sealed class ModelState(StateSettings settings)
    {
        public StateSettings Settings { get; } = settings;

        public bool Keep { get; set; }

        public int Free { get; set; } = settings.Kind switch
        {
            StateKind.Lock or StateKind.RLock or StateKind.Condition => 1,
            _ => settings.Permits,
        };

        public List<ModelGrant> Grants { get; } = [];

        public List<ModelWait> Line { get; } = [];

        public List<ModelWait> Sleepers { get; } = [];

        public bool IsSet { get; set; }

        public bool IsBroken { get; set; }

        public long Number { get; set; } = settings.Initial;

        public string? Text { get; set; }

        public ulong Version { get; set; }

        public SortedDictionary<string, (string Text, ulong Version)> Map { get; } = new(StringComparer.Ordinal);

        public List<string> List { get; } = [];

        public bool Grantable => Settings.Kind is StateKind.Lock or StateKind.RLock or StateKind.Condition
            or StateKind.Semaphore or StateKind.BoundedSemaphore;
    }

    private sealed class ModelGrant
    {
        public required ulong Token { get; init; }

        public required long Session { get; init; }

        public required ulong Owner { get; init; }

        public int Depth { get; set; } = 1;

        public TimeSpan? Lease { get; set; }

        public long Until { get; set; } = long.MaxValue;
    }

    private sealed class ModelWait
    {
        public required long Request { get; init; }

        public required long Session { get; init; }

        public required ModelState State { get; init; }

        /// <summary>All that it waits for, where it waits for the first of several.</summary>
        public List<ModelState>? Watched { get; init; }

        public long Due { get; set; }

        public ulong Owner { get; init; }

        public TimeSpan? Lease { get; init; }

        public int Depth { get; init; } = 1;

        public bool IsConsuming { get; init; }

        public bool IsOfCondition { get; init; }

        public bool IsNotified { get; set; }

        public bool IsFor(ModelState state) => Watched?.Contains(state) ?? State == state;
    }
}
