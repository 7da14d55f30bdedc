using System.Threading.Tasks.Sources;

namespace Queued.Protocol.Streams;

/// <summary>
/// Wakes one waiter; any number of <see cref="Set"/> before it looks count as one. One waiter at a time.
/// </summary>
internal sealed class WakeSignal : IValueTaskSource
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _isSet;
    private bool _isAwaited;

    /// <param name="inline">
    /// The waiter runs on this thread until it waits again: where it has little to do, and takes no lock that is held
    /// here.
    /// </param>
    public void Set(bool inline = false)
    {
        lock (_gate)
        {
            _isSet = true;
            if (!TryTake(inline)) return;
        }

        _source.SetResult(true);
    }

    /// <summary>Sets it without waking anybody.</summary>
    /// <returns>Somebody waits, and <see cref="Wake"/> is to be called soon.</returns>
    public bool Mark()
    {
        lock (_gate)
        {
            _isSet = true;
            return _isAwaited;
        }
    }

    /// <summary>Wakes the waiter, unless that was done since it was marked.</summary>
    /// <param name="inline">As of <see cref="Set"/>.</param>
    public void Wake(bool inline)
    {
        lock (_gate)
        {
            if (!TryTake(inline)) return;
        }

        _source.SetResult(true);
    }

    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_isSet)
            {
                _isSet = false;
                return ValueTask.CompletedTask;
            }

            _source.Reset();
            _isAwaited = true;
            return new ValueTask(this, _source.Version);
        }
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private bool TryTake(bool inline)
    {
        if (!_isAwaited || !_isSet) return false;
        (_isAwaited, _isSet) = (false, false);
        _source.RunContinuationsAsynchronously = !inline;
        return true;
    }
}
