namespace Queued.Client;

/// <summary>How a map goes over its inputs.</summary>
public sealed record MapOptions
{
    /// <summary>
    /// True (the default): results come in the order of their inputs. False: they come as they are ready, so that a
    /// slow input holds nobody up.
    /// </summary>
    public bool Ordered { get; init; } = true;

    /// <summary>
    /// How many inputs may have been read whose results were not taken yet, 1 to 1000000; 16384 by default. It bounds
    /// memory here and in the daemon whatever the number of inputs.
    /// </summary>
    public int Window { get; init; } = 16_384;

    /// <summary>
    /// How many inputs go into one task, 1 to 10000. Null (the default): found by measuring, so that short inputs share
    /// a task that takes a few milliseconds and long ones have a task each. It starts at 1 and grows only while the
    /// worker says that it takes many. With a timeout, a concurrency key or a queue timeout in <see cref="Submit"/> it
    /// stays 1 unless it is given here. A chunk that not every worker of the queue can read is sent again input by
    /// input.
    /// </summary>
    /// <remarks>
    /// An input that fails fails alone; of the retry policy only what is given in <see cref="Submit"/> counts for it. A
    /// chunk whose worker dies runs again as a whole, and when it has run out of deliveries its inputs are tried one by
    /// one.
    /// </remarks>
    public int? ChunkSize { get; init; }

    /// <summary>
    /// What every task of the map is beside its handler and its input. Unless it says otherwise
    /// <see cref="SubmitOptions.ResultTtl"/> is 0: results are delivered and not kept. An idempotency key is refused.
    /// </summary>
    public SubmitOptions? Submit { get; init; }

    internal void Validate()
    {
        if (Window is < 1 or > 1_000_000)
            throw new ArgumentException($"{nameof(Window)} is {Window}; it must be from 1 to 1000000.");
        if (ChunkSize is < 1 or > 10_000)
            throw new ArgumentException($"{nameof(ChunkSize)} is {ChunkSize}; it must be from 1 to 10000.");
        if (Submit?.IdempotencyKey is not null)
            throw new ArgumentException(
                $"{nameof(Submit)}.{nameof(SubmitOptions.IdempotencyKey)} is set; "
                + "a map has many tasks, and one key would make them one.");
    }
}

/// <summary>What became of one input of a map.</summary>
/// <typeparam name="TIn">Type of the inputs.</typeparam>
/// <typeparam name="TOut">Type of the results.</typeparam>
public sealed record MapResult<TIn, TOut>
{
    private readonly TOut _output = default!;

    /// <summary>Which input, counted from 0 in the order they were read.</summary>
    public required long Index { get; init; }

    /// <summary>The input.</summary>
    public required TIn Input { get; init; }

    /// <summary>Why there is no result. Null: there is one.</summary>
    public QueuedException? Error { get; init; }

    /// <summary>Whether there is a result.</summary>
    public bool IsSuccess => Error is null;

    /// <summary>The result.</summary>
    /// <exception cref="QueuedException">There is none; this is <see cref="Error"/>.</exception>
    public TOut Output
    {
        get => Error is null ? _output : throw Error;
        init => _output = value;
    }
}
