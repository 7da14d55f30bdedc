using System.Text.Json;
using Queued.Client;

namespace Queued.Crash;

/// <summary>
/// Submits without end, and writes down what it was told: each acknowledged task, each acknowledged cancellation, each
/// outcome. What was not acknowledged it submits again under the same idempotency key.
/// </summary>
internal sealed class SubmittingClient(
    string name, QueuedClient client, Ledger ledger, string stopFile, string pauseFile)
{
    private const int BatchSize = 32;
    private const int UnderWayMax = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Thousands wait at once; all of them asking again at once would be the load that is measured.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly SemaphoreSlim _room = new(UnderWayMax);
    private int _underWay;
    private volatile Exception? _failure;

    public static async Task<int> RunAsync(string name, string ledgerPath, string stopFile, string pauseFile)
    {
        using var ledger = new Ledger(ledgerPath);
        await using var client = new QueuedClient();
        try
        {
            await new SubmittingClient(name, client, ledger, stopFile, pauseFile).RunAsync();
            return 0;
        }
        catch (AggregateException e) when (e.InnerException is TaskNotFoundException lost)
        {
            await Console.Error.WriteLineAsync($"client {name}: {lost.Message}");
            return 1;
        }
    }

    private async Task RunAsync()
    {
        for (var first = 0L; !File.Exists(stopFile) && _failure is null; first += BatchSize)
        {
            await PauseAsync();
            await SubmitAsync(first);
        }

        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(Pause);
        while (_failure is null && Volatile.Read(ref _underWay) > 0 && await timer.WaitForNextTickAsync(patience.Token))
        {
        }

        if (_failure is { } failure) throw failure;
    }

    /// <summary>While the harness looks at what there is, nothing is added to it.</summary>
    private async Task PauseAsync()
    {
        using var timer = new PeriodicTimer(Pause);
        while (File.Exists(pauseFile) && _failure is null) await timer.WaitForNextTickAsync();
    }

    private async Task SubmitAsync(long first)
    {
        List<long> missing = [.. Enumerable.Range(0, BatchSize).Select(offset => first + offset)];
        using var timer = new PeriodicTimer(Pause);
        while (missing.Count > 0)
        {
            IReadOnlyList<SubmitResult> results;
            try
            {
                results = await client.SubmitManyAsync(missing.Select(Submission));
            }
            catch (DaemonUnavailableException)
            {
                await timer.WaitForNextTickAsync();
                continue;
            }

            List<long> again = [];
            for (var index = 0; index < results.Count; index++)
            {
                if (results[index].Error is { } error)
                {
                    if (!IsTransient(error)) throw error;
                    again.Add(missing[index]);
                }
                else
                {
                    await AcceptedAsync(missing[index], results[index].GetTask());
                }
            }

            missing = again;
            if (again.Count > 0) await timer.WaitForNextTickAsync();
        }
    }

    private async Task AcceptedAsync(long number, TaskHandle task)
    {
        ledger.Add('A', Plan.KeyOf(name, number), task.Id.ToString());
        await _room.WaitAsync();
        Interlocked.Increment(ref _underWay);
        _ = FollowAsync(number, task).ContinueWith(
            follow => _failure = follow.Exception, TaskContinuationOptions.OnlyOnFaulted);
    }

    private async Task FollowAsync(long number, TaskHandle task)
    {
        if (Plan.KindOf(number) == Kind.Cancelled)
        {
            await CancelAsync(task.Id);
        }

        await WaitAsync(number, task.Id);
        if (await RunAgainAsync(number, task.Id) is { } again)
        {
            ledger.Add('A', Plan.AgainKeyOf(name, number), again.ToString());
            await WaitAsync(number, again);
        }

        _room.Release();
        Interlocked.Decrement(ref _underWay);
    }

    private async Task WaitAsync(long number, TaskId task)
    {
        var outcome = await UntilAnsweredAsync(() => client.WaitAsync(task));
        ledger.Add('O', task.ToString(), outcome.State.ToString(), $"{outcome.Attempt}");
        if (outcome.Result is { } result &&
            JsonSerializer.Deserialize<string>(result.Data.Span) != Plan.KeyOf(name, number))
        {
            ledger.Add('W', task.ToString());
        }
    }

    /// <summary>The same work as a new task, which has its payload from the store. Null: it is to run once.</summary>
    private async Task<TaskId?> RunAgainAsync(long number, TaskId task)
    {
        switch (Plan.KindOf(number))
        {
            case Kind.Retried:
                return (await UntilAnsweredAsync(() => client.RetryTaskAsync(task))).Id;
            case Kind.Doomed:
                try
                {
                    var added = await UntilAnsweredAsync(() => client.Queues.RequeueDeadAsync(Plan.Queue, [task]));
                    return added.Single();
                }
                catch (TaskNotFoundException)
                {
                    // An earlier call was heard and its answer lost.
                    return null;
                }

            default:
                return null;
        }
    }

    private async Task CancelAsync(TaskId task)
    {
        try
        {
            await UntilAnsweredAsync(() => client.CancelTaskAsync(task));
            ledger.Add('C', task.ToString());
        }
        catch (PreconditionFailedException)
        {
            // An earlier call was heard and its answer lost: the outcome shows whether it was.
        }
    }

    private static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> ask)
    {
        using var timer = new PeriodicTimer(LongPause);
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (QueuedException exception) when (IsTransient(exception))
            {
                await timer.WaitForNextTickAsync();
            }
        }
    }

    private static bool IsTransient(Exception error) =>
        error is DaemonUnavailableException or CapacityExceededException;

    private TaskSubmission Submission(long number)
    {
        var (key, kind) = (Plan.KeyOf(name, number), Plan.KindOf(number));
        var handler = kind switch { Kind.Flaky => "flaky", Kind.Doomed => "doomed", _ => "echo" };
        return new TaskSubmission(
            handler,
            new TaskPayload(JsonSerializer.SerializeToUtf8Bytes(key), "application/json"),
            new SubmitOptions
            {
                Queue = Plan.Queue,
                IdempotencyKey = key,
                IdempotencyTtl = TimeSpan.FromMinutes(5),
                Labels = new Dictionary<string, string> { ["key"] = key },
                Delay = kind switch
                {
                    Kind.Delayed => TimeSpan.FromMilliseconds(200),
                    Kind.Cancelled => TimeSpan.FromHours(1),
                    _ => null,
                },
                Retry = new RetryPolicy
                {
                    MaxAttempts = kind == Kind.Doomed ? 2 : 5,
                    MaxDeliveries = 100,
                    InitialBackoff = TimeSpan.FromMilliseconds(20),
                },
            });
    }
}
