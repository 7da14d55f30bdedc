namespace Queued.Client;

/// <summary>One task of many that are submitted together.</summary>
/// <param name="Handler">Name of the handler, <c>[A-Za-z0-9._-]{1,128}</c>.</param>
/// <param name="Payload">The handler's input.</param>
/// <param name="Options">Everything else. Null: all defaults.</param>
public sealed record TaskSubmission(string Handler, TaskPayload Payload, SubmitOptions? Options = null);

/// <summary>What became of one submit of many.</summary>
public sealed record SubmitResult
{
    /// <summary>The task, where it was taken.</summary>
    public TaskHandle? Task { get; init; }

    /// <summary>Why it was not taken.</summary>
    public QueuedException? Error { get; init; }

    /// <summary>The task.</summary>
    /// <exception cref="QueuedException">It was not taken; this is <see cref="Error"/>.</exception>
    public TaskHandle GetTask() =>
        Task ?? throw (Error ?? throw new InvalidOperationException("A submit has a task or an error."));
}
