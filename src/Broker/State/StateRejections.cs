using System.Globalization;

namespace Queued.Broker;

/// <summary>What is said where something of shared state is refused.</summary>
internal static class StateRejections
{
    public static Rejection NotUsed(string name) => new(
        RejectionReason.StateNotFound,
        $"The session uses no shared object '{name}'. It has to use it first (UseState), and again after it was " +
        "deleted.",
        "name", name);

    public static Rejection NotThere(string name) => new(
        RejectionReason.StateNotFound, $"There is no shared object '{name}', or it was deleted.", "name", name);

    public static Rejection WrongKind(StateObject state, string needed) => new(
        RejectionReason.WrongKind,
        $"The shared object '{state.Name}' is {Word(state.Settings.Kind)}, and this needs {needed}. Use another name.",
        "name", state.Name);

    public static Rejection Conflict(StateObject state, string field) => new(
        RejectionReason.StateConflict,
        $"The shared object '{state.Name}' was made with another {field}. Use it with the same, or use another name.",
        field, state.Name);

    public static Rejection NotHeld(StateObject state) => new(
        RejectionReason.NotHeld,
        $"The session holds nothing of '{state.Name}'. It has to acquire it first.",
        "name", state.Name);

    public static Rejection Stale(StateObject state, ulong token) => new(
        RejectionReason.GrantStale,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The grant {token} of '{state.Name}' is not, or no longer, the session's: it was given back, its " +
            $"lease is over, or it was taken away. Acquire it again."),
        "fencing_token", state.Name);

    public static Rejection PermitsExceeded(StateObject state, int permits) => new(
        RejectionReason.PermitsExceeded,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The semaphore '{state.Name}' is bounded to {permits} permits, and all are free or held by others. " +
            $"Release only what was acquired."),
        "name", state.Name);

    public static Rejection BarrierBroken(StateObject state) => new(
        RejectionReason.BarrierBroken,
        $"The barrier '{state.Name}' is broken: somebody who waited at it has gone, waited for too long, or " +
        "broke it. " +
        "Reset it before the next round.",
        Resource: state.Name);

    public static Rejection InUse(StateObject state) => new(
        RejectionReason.StateInUse,
        $"Somebody holds the shared object '{state.Name}' or waits for it. Try again later, or force it.",
        "name", state.Name);

    public static Rejection ObjectFull(string name, long bytes, long max) => new(
        RejectionReason.LimitReached,
        string.Create(
            CultureInfo.InvariantCulture,
            $"The shared object '{name}' would have {bytes} bytes, and may have {max} " +
            $"({nameof(BrokerLimits.StateBytesMax)}" +
            $"). Remove something, or spread it over several."),
        Resource: nameof(BrokerLimits.StateBytesMax));

    private static string Word(StateKind kind) => kind switch
    {
        StateKind.Lock => "a lock",
        StateKind.RLock => "a reentrant lock",
        StateKind.Semaphore => "a semaphore",
        StateKind.BoundedSemaphore => "a bounded semaphore",
        StateKind.Event => "an event",
        StateKind.Condition => "a condition",
        StateKind.Barrier => "a barrier",
        StateKind.Counter => "a counter",
        StateKind.Value => "a value",
        StateKind.Array => "an array",
        StateKind.Map => "a map",
        _ => "a list",
    };
}
