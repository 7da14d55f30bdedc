namespace Queued.Client;

/// <summary>Which tasks a list holds. What is not set does not filter.</summary>
public sealed record TaskQuery
{
    /// <summary>In this queue.</summary>
    public string? Queue { get; init; }

    /// <summary>With this handler.</summary>
    public string? Handler { get; init; }

    /// <summary>In one of these states.</summary>
    public IReadOnlyList<TaskState> States { get; init; } = [];

    /// <summary>With all of these labels.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Submitted at or after this time.</summary>
    public DateTimeOffset? SubmittedAfter { get; init; }

    /// <summary>Submitted before this time.</summary>
    public DateTimeOffset? SubmittedBefore { get; init; }

    /// <summary>
    /// How many tasks are asked for at once, 1 to 1000; 100 by default. The list goes on over as many pages as there
    /// are.
    /// </summary>
    public int PageSize { get; init; } = 100;
}
