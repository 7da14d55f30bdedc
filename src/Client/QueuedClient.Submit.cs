using Queued.Client.Streams;
using Queued.Client.Wire;

namespace Queued.Client;

public sealed partial class QueuedClient
{
    // How many submits of one SubmitManyAsync may be unanswered.
    private const int SubmitWindow = 16_384;
    private const string SubmitCredits = "submit_credits";
    /// <summary>Who submits a million tasks says much the same a million times.</summary>
    private SubmitTemplate? _template;
    private RunOptions? _latestRun;

    /// <inheritdoc/>
    public async Task<TaskHandle> SubmitAsync(
        string handler,
        TaskPayload payload,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        new(this, await SubmitOneAsync(handler, payload, options, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<TaskHandle> SubmitAsync<TIn>(
        string handler, TIn input, SubmitOptions? options = null, CancellationToken cancellationToken = default) =>
        new(this, await SubmitOneAsync(handler, _json.Write(input), options, cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<TaskHandle<TOut>> SubmitAsync<TIn, TOut>(
        string handler, TIn input, SubmitOptions? options = null, CancellationToken cancellationToken = default) =>
        new(
            this,
            await SubmitOneAsync(handler, _json.Write(input), options, cancellationToken).ConfigureAwait(false),
            _json.Read<TOut>);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<SubmitResult>> SubmitManyAsync(
        IEnumerable<TaskSubmission> tasks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        var results = new List<SubmitResult>();
        var unanswered = new Queue<SubmittedTask>();
        try
        {
            foreach (var task in tasks)
            {
                if (unanswered.Count >= SubmitWindow)
                    results.Add(await AnswerAsync(unanswered.Dequeue(), cancellationToken).ConfigureAwait(false));
                unanswered.Enqueue(Begin(task.Handler, task.Payload, task.Options, IsGoneWithDelivery(task.Options)));
            }

            while (unanswered.TryDequeue(out var next))
                results.Add(await AnswerAsync(next, cancellationToken).ConfigureAwait(false));
            return results;
        }
        finally
        {
            foreach (var task in unanswered)
                Abandon(task);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<SubmitResult>> SubmitManyAsync<TIn>(
        string handler,
        IEnumerable<TIn> inputs,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return SubmitManyAsync(
            inputs.Select(input => new TaskSubmission(handler, _json.Write(input), options)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<TaskPayload> RunAsync(
        string handler,
        TaskPayload payload,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default) =>
        RunToEndAsync(
            handler,
            payload,
            options,
            static outcome =>
            {
                outcome.EnsureSuccess();
                return LargePayloads.Own(outcome.Result ?? TaskPayload.Empty);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<TOut> RunAsync<TOut>(
        string handler,
        TaskPayload payload,
        Func<TaskPayload, TOut> read,
        SubmitOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (IsAwaitable(typeof(TOut)))
        {
            throw new ArgumentException(
                "The bytes are there until the function returns: it must not be async.", nameof(read));
        }

        return RunToEndAsync(
            handler,
            payload,
            options,
            outcome =>
            {
                outcome.EnsureSuccess();
                return read(outcome.Result ?? TaskPayload.Empty);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<TOut> RunAsync<TIn, TOut>(
        string handler, TIn input, SubmitOptions? options = null, CancellationToken cancellationToken = default) =>
        await RunAsync(handler, _json.Write(input), _json.Read<TOut>, options, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<TaskHandle> SubmitExecAsync(
        ExecRequest request, SubmitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return SubmitAsync(ExecMapping.Handler, ExecMapping.ToPayload(request), options, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ExecResult> ExecAsync(
        ExecRequest request, SubmitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RunToEndAsync(
            ExecMapping.Handler, ExecMapping.ToPayload(request), options, ReadExecResult, cancellationToken);
    }

    /// <summary>Submits bytes whose result is read by the caller's function.</summary>
    internal async Task<TaskHandle<TOut>> SubmitAsync<TOut>(
        string handler,
        TaskPayload payload,
        Func<TaskPayload, TOut> read,
        SubmitOptions? options,
        CancellationToken cancellationToken) =>
        new(this, await SubmitOneAsync(handler, payload, options, cancellationToken).ConfigureAwait(false), read);

    private static ExecResult ReadExecResult(TaskOutcome outcome)
    {
        if (ExecResult.Read(outcome) is { } result)
            return result;
        outcome.EnsureSuccess();
        throw ResultJson.Unreadable(
            $"The result of task {outcome.Id} is {outcome.Result?.ContentType}, not that of a command.");
    }

    private static bool IsAwaitable(Type type) =>
        typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask)
        || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>));

    /// <summary>Submits, waits, and cancels the task when the caller gives up.</summary>
    /// <param name="handler">Name of the handler.</param>
    /// <param name="payload">Its input.</param>
    /// <param name="options">Everything else.</param>
    /// <param name="read">Given the outcome, whose result is gone when it returns where it was not copied.</param>
    /// <param name="cancellationToken">Stops the wait and cancels the task.</param>
    private async Task<T> RunToEndAsync<T>(
        string handler,
        TaskPayload payload,
        SubmitOptions? options,
        Func<TaskOutcome, T> read,
        CancellationToken cancellationToken)
    {
        options = ForRun(options ?? SubmitOptions.Default);
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentNullException.ThrowIfNull(handler);
        var task = new RunningTask(_stream, SubmitTemplate.Of(ref _template, handler, options), payload)
        {
            Priority = options.Priority,
        };
        _stream.Submit(task);
        TaskOutcome outcome;
        try
        {
            outcome = await WaitScope.RunAsync(task.Outcome, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            task.GiveUp();
            throw;
        }

        var isWhole = false;
        T result;
        try
        {
            result = read(outcome);
        }
        finally
        {
            isWhole = LargePayloads.Leave(outcome);
        }

        return isWhole ? result : throw ErrorMapping.Overwritten(task.TaskId);
    }

    /// <summary>The caller has the result when it is there, so that nobody has to keep it.</summary>
    private SubmitOptions ForRun(SubmitOptions options)
    {
        if (options.ResultTtl is not null)
            return options;
        if (Volatile.Read(ref _latestRun) is { } latest && latest.Given == options)
            return latest.Used;
        var used = options with { ResultTtl = TimeSpan.Zero };
        Volatile.Write(ref _latestRun, new RunOptions(options, used));
        return used;
    }

    private async Task<SubmittedTask> SubmitOneAsync(
        string handler, TaskPayload payload, SubmitOptions? options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var task = Begin(handler, payload, options, IsGoneWithDelivery(options));
        try
        {
            await AcceptedAsync(task, cancellationToken).ConfigureAwait(false);
            return task;
        }
        catch (OperationCanceledException)
        {
            Abandon(task);
            throw;
        }
    }

    // A submit whose outcome comes by itself holds a place in the daemon's window until the task ends. So the outcome
    // of a submit that nobody waits for yet is only asked for when somebody does, but where it would be gone by then.
    private static bool IsGoneWithDelivery(SubmitOptions? options) => options?.ResultTtl == TimeSpan.Zero;

    private SubmittedTask Begin(string handler, TaskPayload payload, SubmitOptions? options, bool withOutcome)
    {
        ArgumentNullException.ThrowIfNull(handler);
        options ??= SubmitOptions.Default;
        var template = SubmitTemplate.Of(ref _template, handler, options);
        var task = new SubmittedTask(_stream, template, payload, withOutcome) { Priority = options.Priority };
        _stream.Submit(task);
        return task;
    }

    private async Task<SubmitResult> AnswerAsync(SubmittedTask task, CancellationToken cancellationToken)
    {
        try
        {
            await AcceptedAsync(task, cancellationToken).ConfigureAwait(false);
            return new SubmitResult { Task = new TaskHandle(this, task) };
        }
        catch (QueuedException error)
        {
            return new SubmitResult { Error = error };
        }
    }

    /// <summary>Waits for the daemon's answer, which has its time from when the submit was sent.</summary>
    private async Task AcceptedAsync(SubmittedTask task, CancellationToken cancellationToken)
    {
        var patience = _timeout;
        while (true)
        {
            try
            {
                await task.Accepted.WaitAsync(patience, _clock, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (TimeoutException)
            {
                var sinceSent = _stream.GetTimeSinceSent(task);
                if (sinceSent is null || sinceSent >= _timeout)
                    throw Abandon(task) ? _stream.Unanswered() : Unsent();
                patience = _timeout - sinceSent.Value;
            }
        }
    }

    private QueuedException Unsent() => ErrorMapping.Make(
        new ErrorDetails(
            ErrorMapping.DeadlineExceeded,
            $"The submit was not sent within {_timeout}, for want of submit credits: the daemon at {Address} takes no "
            + "more until some of this client's tasks have ended or were answered. The task was not added.")
        {
            Resource = SubmitCredits,
        });

    private bool Abandon(SubmittedTask task)
    {
        var wasSent = _stream.Abandon(task);
        _ = task.Accepted.ContinueWith(
            static accepted => accepted.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        return wasSent;
    }

    private sealed record RunOptions(SubmitOptions Given, SubmitOptions Used);
}
