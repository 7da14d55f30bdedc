namespace Queued.Client.Tests;

/// <summary>A clock whose timers fire when the test says so, and never before.</summary>
internal sealed class HeldClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TimeSpan, TaskCompletionSource<HeldTimer>> _timers = [];

    /// <summary>The first timer that was set to go off after so long, as soon as there is one.</summary>
    public async Task<HeldTimer> TimerAsync(TimeSpan dueTime) =>
        await Place(dueTime).Task.WaitAsync(ScriptedStream.Patience);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HeldTimer(() => callback(state));
        Place(dueTime).TrySetResult(timer);
        return timer;
    }

    private TaskCompletionSource<HeldTimer> Place(TimeSpan dueTime)
    {
        lock (_gate)
        {
            if (!_timers.TryGetValue(dueTime, out var place))
            {
                place = new TaskCompletionSource<HeldTimer>(TaskCreationOptions.RunContinuationsAsynchronously);
                _timers.Add(dueTime, place);
            }

            return place;
        }
    }
}

internal sealed class HeldTimer(Action fire) : ITimer
{
    public void Fire() => fire();

    public bool Change(TimeSpan dueTime, TimeSpan period) => true;

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
