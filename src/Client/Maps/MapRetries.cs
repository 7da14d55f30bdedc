namespace Queued.Client.Maps;

/// <summary>When the inputs of a map are tried again where the daemon cannot do it for us.</summary>
internal sealed class MapRetries(MapOptions options, TimeProvider clock)
{
    private static readonly TimeSpan RefusalDelay = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RefusalDelayMax = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan DefaultBackoff = TimeSpan.FromSeconds(1);

    /// <summary>What every task of the map is: delivered and not kept unless the caller says otherwise.</summary>
    public SubmitOptions Options { get; } = (options.Submit ?? SubmitOptions.Default) with
    {
        ResultTtl = options.Submit?.ResultTtl ?? TimeSpan.Zero,
    };

    /// <summary>
    /// The daemon counts the attempts of a task, and a chunk with a failed input is a task that succeeded. So the input
    /// goes on alone with the attempts it has left.
    /// </summary>
    /// <returns>Null: it has none left.</returns>
    public SubmitOptions? AfterFailureInChunk(TaskFailure failure)
    {
        if (Options.Retry is not { MaxAttempts: > 1 } retry || failure.NonRetryable
            || failure.Kind == FailureKind.Rejected
            || retry.NonRetryableErrorTypes.Contains(failure.ErrorType))
            return null;
        return Options with
        {
            Retry = retry with { MaxAttempts = retry.MaxAttempts - 1 },
            Delay = retry.InitialBackoff ?? DefaultBackoff,
            RunAt = null,
        };
    }

    /// <summary>
    /// The queue or the daemon is full: the next try comes after what it says, or a little later each time.
    /// </summary>
    public Task DelayAsync(int refusals, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        var delay = retryAfter ?? RefusalDelay * Math.Pow(2, Math.Min(refusals - 1, 10));
        return Task.Delay(delay < RefusalDelayMax ? delay : RefusalDelayMax, clock, cancellationToken);
    }
}
