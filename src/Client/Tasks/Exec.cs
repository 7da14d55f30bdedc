namespace Queued.Client;

/// <summary>An OS command for the built-in handler <c>exec</c>.</summary>
public sealed record ExecRequest
{
    /// <summary>
    /// Program and arguments; the program is looked up in the daemon's PATH. At least one, at most 4096, no NUL inside.
    /// </summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Environment on top of the daemon's allow-list. At most 1024.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Absolute working directory. Null: the daemon's directory for commands.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Bytes for standard input. Empty (the default): it reads end of file at once.</summary>
    public ReadOnlyMemory<byte> Stdin { get; init; }

    /// <summary>
    /// How many bytes of each of stdout and stderr are kept in the result; more is cut from the middle. 0 (the
    /// default): the daemon's limit (1 MiB), which is also the most.
    /// </summary>
    public int OutputBytesMax { get; init; }
}

/// <summary>What a command of the built-in handler <c>exec</c> left behind.</summary>
public sealed record ExecResult
{
    /// <summary>Exit code. 128 + n where signal n ended the command.</summary>
    public required int ExitCode { get; init; }

    /// <summary>What the command wrote to standard output.</summary>
    public ReadOnlyMemory<byte> Stdout { get; init; }

    /// <summary>What the command wrote to standard error.</summary>
    public ReadOnlyMemory<byte> Stderr { get; init; }

    /// <summary>Bytes left out of <see cref="Stdout"/> for its limit.</summary>
    public long StdoutDroppedBytes { get; init; }

    /// <summary>Bytes left out of <see cref="Stderr"/> for its limit.</summary>
    public long StderrDroppedBytes { get; init; }

    /// <summary>
    /// What the command left, where it ran in the task's last attempt: also when it ended with another code than 0 or
    /// by a signal, was cancelled, or ran out of time.
    /// </summary>
    /// <param name="outcome">The end of a task of the handler <c>exec</c>.</param>
    /// <returns>Null: the command was not started, or the result is not of the handler <c>exec</c>.</returns>
    /// <exception cref="UnreadableResultException">The result is damaged.</exception>
    public static ExecResult? Read(TaskOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome.Result is { } result
            ? Wire.ExecMapping.ReadResult(result)
            : null;
    }
}
