using System.Threading.Tasks.Sources;

namespace Queued.Daemon.Loop;

/// <summary>
/// Wakes the one who writes to a stream. Set many times before it looks, it wakes once. Set in a turn of the loop, it
/// wakes after the turn; see <see cref="TurnWakes"/>.
/// </summary>
internal sealed class WriterSignal : IValueTaskSource
{
    /// <summary>What may be written on the thread of the loop.</summary>
    private const int LightBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _source;
    private long _bytes;
    private bool _isSet;
    private bool _isAwaited;

    /// <summary>It waits for the end of the turn. The thread of the turn alone looks at it.</summary>
    public bool IsDeferred { get; set; }

    /// <param name="bytes">How much there is to write, more than before.</param>
    public void Set(int bytes = 0)
    {
        lock (_gate)
        {
            _isSet = true;
            _bytes += bytes;
            if (!_isAwaited) return;
        }

        if (!TurnWakes.TryDefer(this)) Wake(isAlone: false);
    }

    /// <param name="isAlone">Nobody else is woken with it.</param>
    public void Wake(bool isAlone)
    {
        lock (_gate)
        {
            // It was woken by another thread since.
            if (!_isAwaited || !_isSet) return;
            _source.RunContinuationsAsynchronously = !isAlone || _bytes > LightBytes;
            Clear();
        }

        _source.SetResult(true);
    }

    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_isSet)
            {
                Clear();
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

    private void Clear()
    {
        _isSet = false;
        _isAwaited = false;
        _bytes = 0;
    }
}
