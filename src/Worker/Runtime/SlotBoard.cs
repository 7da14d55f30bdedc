using Queued.Protocol.V1;

namespace Queued.Worker.Runtime;

/// <summary>
/// The attempts that a worker holds: those that run, at most one for each slot and one more for each that waits, and
/// those that have not begun, in the order in which they came. Not safe for threads: the session guards it.
/// </summary>
internal sealed class SlotBoard(int slots)
{
    private readonly Dictionary<AttemptId, Attempt> _attempts = [];
    private readonly Queue<Attempt> _pending = new();
    private int _pendingCount;
    private int _waiting;

    internal int Running { get; private set; }

    internal bool HasPending => _pendingCount > 0;

    internal bool IsIdle => _attempts.Count == 0;

    internal IEnumerable<Attempt> All => _attempts.Values;

    /// <summary>False: it holds that attempt already.</summary>
    internal bool TryAdd(Attempt attempt)
    {
        if (!_attempts.TryAdd(attempt.Id, attempt))
            return false;
        _pending.Enqueue(attempt);
        _pendingCount++;
        return true;
    }

    internal Attempt? Find(AttemptId id) => _attempts.GetValueOrDefault(id);

    /// <summary>The next attempt, which has begun by this. Null: there is none, or no slot for it.</summary>
    internal Attempt? BeginNext()
    {
        while (Running - _waiting < slots && _pending.TryDequeue(out var attempt))
        {
            if (attempt.IsWithdrawn)
                continue;
            attempt.HasBegun = true;
            _pendingCount--;
            Running++;
            return attempt;
        }

        return null;
    }

    /// <summary>Takes an attempt away before it has begun.</summary>
    internal void Withdraw(Attempt attempt)
    {
        attempt.IsWithdrawn = true;
        _attempts.Remove(attempt.Id);
        _pendingCount--;
    }

    /// <summary>Takes away all that has not begun.</summary>
    internal IReadOnlyList<Attempt> WithdrawPending()
    {
        var pending = _pending.Where(attempt => !attempt.IsWithdrawn).ToList();
        _pending.Clear();
        pending.ForEach(Withdraw);
        return pending;
    }

    internal void SetWaiting(Attempt attempt, bool waiting)
    {
        if (attempt.IsWaiting == waiting)
            return;
        attempt.IsWaiting = waiting;
        _waiting += waiting ? 1 : -1;
    }

    internal void End(Attempt attempt)
    {
        SetWaiting(attempt, false);
        _attempts.Remove(attempt.Id);
        Running--;
    }

    internal static Settlement Release(Attempt attempt) => new()
    {
        TaskId = attempt.Id.Task,
        Attempt = attempt.Id.Attempt,
        Released = new Released(),
    };
}
