using System.Threading.Tasks.Sources;

namespace Queued.Protocol.Streams;

/// <summary>
/// One who waits for a socket, and goes on with the thread of the poll; where the wait fails, with one of the pool. Its
/// owner has a lock around all of it but <see cref="Complete"/>.
/// </summary>
internal sealed class PollWait : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _source;

    /// <summary>Somebody waits, and no thread of the poll has taken that up.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Whoever waits does so no more, as soon as it is seen.</summary>
    public bool IsCancelled { get; set; }

    public ValueTask Begin()
    {
        _source.Reset();
        (IsWaiting, IsCancelled) = (true, false);
        return new ValueTask(this, _source.Version);
    }

    /// <summary>The caller ends the wait, or goes on with it.</summary>
    public bool TryTake()
    {
        var isTaken = IsWaiting;
        IsWaiting = false;
        return isTaken;
    }

    public void GoOn() => IsWaiting = true;

    /// <summary>Of whoever has taken it, and without a lock: the one who waited goes on here.</summary>
    public void Complete(Exception? failure = null)
    {
        _source.RunContinuationsAsynchronously = failure is not null;
        if (failure is not null) _source.SetException(failure);
        else _source.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
