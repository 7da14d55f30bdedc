using System.CommandLine;
using System.Globalization;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>What a task can be told beside its handler and input; the same flags on every verb that submits.</summary>
internal sealed class SubmitFlags
{
    private readonly Option<string?> _queue = OptionKinds.Text(
        "--queue", "The queue. Default: default, or exec for commands.", "NAME");

    private readonly Option<int?> _priority = OptionKinds.Number(
        "--priority", "Higher runs first, -128 to 127. Default: 0.", -128, 127);

    private readonly Option<TimeSpan?> _delay = OptionKinds.Duration("--delay", "Not before this long from now.");

    private readonly Option<DateTimeOffset?> _runAt = OptionKinds.Time(
        "--run-at", "Not before this time (without a zone: local time).");

    private readonly Option<int?> _retries = OptionKinds.Number(
        "--retries", "Attempts after the first one that fails. Default: 0.", 0, 999);

    private readonly Option<int?> _maxAttempts = OptionKinds.Number(
        "--max-attempts", "Attempts in all; the same as --retries plus 1.", 1, 1000);

    private readonly Option<int?> _maxDeliveries = OptionKinds.Number(
        "--max-deliveries", "How often its worker may die under it. Default: 3.", 1, 1000);

    private readonly Option<TimeSpan?> _backoff = OptionKinds.Duration(
        "--backoff", "Delay before the second attempt; doubles each time. Default: 1s.");

    private readonly Option<TimeSpan?> _backoffMax = OptionKinds.Duration(
        "--backoff-max", "Longest such delay. Default: 5m.");

    private readonly Option<TimeSpan?> _timeout = OptionKinds.Duration(
        "--timeout", "Stop an attempt that runs longer. Default: never.");

    private readonly Option<TimeSpan?> _softTimeout = OptionKinds.Duration(
        "--soft-timeout", "Ask an attempt that runs longer to stop.");

    private readonly Option<TimeSpan?> _grace = OptionKinds.Duration(
        "--grace", "From the request to stop to the kill. Default: 5s.");

    private readonly Option<TimeSpan?> _queueTimeout = OptionKinds.Duration(
        "--queue-timeout", "Give up if it has not begun by then.");

    private readonly Option<string?> _key = OptionKinds.Text(
        "--key", "Idempotency key: the same key and content add one task only.", "KEY");

    private readonly Option<TimeSpan?> _keyTtl = OptionKinds.Duration(
        "--key-ttl", "How long the key is remembered. Default: 1d.");

    private readonly Option<string?> _concurrencyKey = OptionKinds.Text(
        "--concurrency-key", "At most N tasks with this key run at once. Default of N: 1.", "KEY[=N]");

    private readonly Option<TimeSpan?> _resultTtl = OptionKinds.Duration(
        "--result-ttl", "How long its result stays. Default: 1h.");

    private readonly Option<Dictionary<string, string>> _labels = OptionKinds.Pairs(
        "--label", "A label; may be given many times.");

    public void AddTo(Command command, bool oneTask = true)
    {
        foreach (Option option in (Option[])[
            _queue, _priority, _delay, _runAt, _retries, _maxAttempts, _maxDeliveries, _backoff, _backoffMax, _timeout,
            _softTimeout, _grace, _queueTimeout, _concurrencyKey, _resultTtl, _labels])
            command.Add(option);
        if (oneTask)
        {
            command.Add(_key);
            command.Add(_keyTtl);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_delay) is not null && result.GetResult(_runAt) is not null)
                result.AddError("--delay and --run-at exclude each other.");
            if (result.GetResult(_retries) is not null && result.GetResult(_maxAttempts) is not null)
                result.AddError("--retries and --max-attempts say the same thing; give one.");
        });
    }

    public SubmitOptions Read(CommandContext context)
    {
        (string? concurrencyKey, int concurrencyLimit) = ReadConcurrency(context.Get(_concurrencyKey));
        Dictionary<string, string>? labels = context.Get(_labels);
        return new SubmitOptions
        {
            Queue = context.Get(_queue),
            Priority = context.Get(_priority) ?? 0,
            Delay = context.Get(_delay),
            RunAt = context.Get(_runAt),
            Retry = ReadRetry(context),
            Timeout = context.Get(_timeout),
            SoftTimeout = context.Get(_softTimeout),
            Grace = context.Get(_grace),
            QueueTimeout = context.Get(_queueTimeout),
            IdempotencyKey = context.Get(_key),
            IdempotencyTtl = context.Get(_keyTtl),
            ConcurrencyKey = concurrencyKey,
            ConcurrencyLimit = concurrencyLimit,
            ResultTtl = context.Get(_resultTtl),
            Labels = labels is { Count: > 0 } ? labels : null,
        };
    }

    private RetryPolicy? ReadRetry(CommandContext context)
    {
        var retry = new RetryPolicy
        {
            MaxAttempts = context.Get(_retries) is { } retries ? retries + 1 : context.Get(_maxAttempts),
            MaxDeliveries = context.Get(_maxDeliveries),
            InitialBackoff = context.Get(_backoff),
            MaxBackoff = context.Get(_backoffMax),
        };
        bool any = retry.MaxAttempts is not null || retry.MaxDeliveries is not null
            || retry.InitialBackoff is not null || retry.MaxBackoff is not null;
        return any ? retry : null;
    }

    /// <summary>KEY or KEY=N. A key may hold an equals sign: only a number after the last one is a limit.</summary>
    private static (string? Key, int Limit) ReadConcurrency(string? text)
    {
        int equals = text?.LastIndexOf('=') ?? -1;
        ReadOnlySpan<char> number = equals > 0 ? text.AsSpan(equals + 1) : default;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int limit)
            ? (text![..equals], limit)
            : (text, 1);
    }
}
