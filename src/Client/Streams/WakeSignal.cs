using System.Threading.Tasks.Sources;

namespace Queued.Client.Streams;

/// <summary>
/// Wakes one waiter; any number of <see cref="Set"/> before it looks count as one. One waiter at a time.
/// </summary>
/// <param name="runsInline">
/// The waiter runs on the thread that wakes it, until it waits again: for one who has little to do and takes no locks
/// of his wakers.
/// </param>
internal sealed class WakeSignal(bool runsInline = false) : IValueTaskSource
{
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _source;
    private bool _isSet;
    private bool _isAwaited;

    public void Set()
    {
        lock (_gate)
        {
            if (!_isAwaited)
            {
                _isSet = true;
                return;
            }

            _isAwaited = false;
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

            _source.RunContinuationsAsynchronously = !runsInline;
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
}
