namespace Queued.Client.Messages;

/// <summary>A wait that may be longer than one call waits.</summary>
/// <param name="timeout">Null: without an end.</param>
/// <param name="clock">Measures it.</param>
internal sealed class WaitTime(TimeSpan? timeout, TimeProvider clock)
{
    private readonly long _started = clock.GetTimestamp();
    private bool _isLast;

    /// <summary>The last call waited for all that was left.</summary>
    public bool IsOver => _isLast;

    /// <summary>How long the next call waits.</summary>
    public TimeSpan Next(TimeSpan most)
    {
        if (timeout is not { } all)
            return most;
        var left = all - clock.GetElapsedTime(_started);
        _isLast = left <= most;
        return left <= TimeSpan.Zero ? TimeSpan.Zero : _isLast ? left : most;
    }
}
