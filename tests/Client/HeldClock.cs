namespace Queued.Client.Tests;

/// <summary>A clock whose timers fire when the test says so, and never before.</summary>
/// <param name="standsStill">Between two looks at it no time passes.</param>
internal sealed class HeldClock(bool standsStill = false) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<HeldTimer> _timers = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Waits until so many timers were set to go off after so long, and have not fired.</summary>
    public async Task HasAsync(TimeSpan dueTime, int count = 1)
    {
        while (true)
        {
            Task added;
            lock (_gate)
            {
                if (_timers.Count(timer => timer.DueTime == dueTime) >= count)
                    return;
                added = _added.Task;
            }

            await added.WaitAsync(ScriptedStream.Patience);
        }
    }

    /// <summary>Fires all timers that were set to go off after so long, as soon as there are so many.</summary>
    public async Task FireAsync(TimeSpan dueTime, int count = 1)
    {
        await HasAsync(dueTime, count);
        List<HeldTimer> due;
        lock (_gate)
        {
            due = _timers.Where(timer => timer.DueTime == dueTime).ToList();
            _timers.RemoveAll(due.Contains);
        }

        due.ForEach(timer => timer.Fire());
    }

    public override long GetTimestamp() => standsStill ? 0 : base.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HeldTimer(this, () => callback(state));
        Set(timer, dueTime);
        return timer;
    }

    private void Set(HeldTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            timer.DueTime = dueTime;
            _timers.Remove(timer);
            _timers.Add(timer);
            _added.TrySetResult();
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Remove(HeldTimer timer)
    {
        lock (_gate)
            _timers.Remove(timer);
    }

    private sealed class HeldTimer(HeldClock clock, Action fire) : ITimer
    {
        public TimeSpan DueTime { get; set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime);
            return true;
        }

        public void Dispose() => clock.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
