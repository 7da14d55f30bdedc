namespace Queued.Client.Streams;

/// <summary>The outcome of one task, now or later, for any number of waiters.</summary>
/// <param name="stream">Where the outcome comes from.</param>
/// <param name="watchOnDemand">The daemon sends it only when asked.</param>
internal sealed class OutcomeWait(TaskStream stream, bool watchOnDemand)
{
    private readonly TaskCompletionSource<TaskOutcome> _outcome = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private WatchedTask? _watch;
    private int _waiters;

    public TaskId Id { get; set; }

    public void Set(TaskOutcome outcome) => _outcome.TrySetResult(outcome);

    public void Fail(Exception error)
    {
        _outcome.TrySetException(error);

        // Nobody has to wait for it: then the error is nobody's news.
        _ = _outcome.Task.Exception;
    }

    public Task<TaskOutcome> WaitAsync(CancellationToken cancellationToken) =>
        watchOnDemand && !_outcome.Task.IsCompleted
            ? WatchAsync(cancellationToken)
            : WaitScope.RunAsync(_outcome.Task, cancellationToken);

    private async Task<TaskOutcome> WatchAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _waiters++;
            if (_watch is null)
            {
                _watch = new WatchedTask(Id, this);
                stream.Watch(_watch);
            }
        }

        try
        {
            return await WaitScope.RunAsync(_outcome.Task, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (--_waiters == 0 && !_outcome.Task.IsCompleted && _watch is { } watch)
                {
                    _watch = null;
                    stream.Unwatch(watch);
                }
            }
        }
    }
}
