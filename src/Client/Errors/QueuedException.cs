namespace Queued.Client;

/// <summary>
/// Anything that went wrong with the daemon or a task, other than bad arguments and the caller's own cancellation.
/// Which leaf it is was decided by <see cref="Reason"/>, never by a message.
/// </summary>
public abstract class QueuedException : Exception
{
    private protected QueuedException(ErrorDetails details, Exception? innerException = null)
        : base(details.Message, innerException)
    {
        Reason = details.Reason;
        IsTransient = details.IsTransient;
        Field = details.Field;
        Resource = details.Resource;
    }

    /// <summary>The reason in UPPER_SNAKE, such as <c>QUEUE_NOT_FOUND</c>. docs/errors.md has all of them.</summary>
    public string Reason { get; }

    /// <summary>Whether the same call may work later without a change.</summary>
    public bool IsTransient { get; }

    /// <summary>
    /// Path of the offending field in the request, such as <c>task.priority</c>. Null: no field is at fault.
    /// </summary>
    public string? Field { get; }

    /// <summary>The limit or the thing that stood in the way. Null: none is named.</summary>
    public string? Resource { get; }
}

/// <summary>What an exception is made of, as the daemon sent it.</summary>
internal sealed record ErrorDetails(string Reason, string Message)
{
    public bool IsTransient { get; init; }

    public string? Field { get; init; }

    public string? Resource { get; init; }

    public TimeSpan? RetryAfter { get; init; }
}
