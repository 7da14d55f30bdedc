using System.Diagnostics;
using System.Text;
using Queued.Client;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>What a durable queue holds when its daemon is killed, and what the next daemon makes of it.</summary>
public sealed class RestartTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public async Task Whatever_a_durable_queue_was_told_is_there_after_the_daemon_was_killed()
    {
        using var folder = new TestFolder();
        await using var killed = await FaultDaemon.StartAsync(folder);
        await killed.Client.Queues.DeclareAsync("pool-1");
        var before = await killed.AddPoolAsync(1);
        var done = await before.SubmitAsync<int, int>("square", 3);
        Assert.Equal(9, await done.GetResultAsync());
        var keyed = await before.SubmitAsync<int, int>("square", 5, new SubmitOptions { IdempotencyKey = "once" });
        Assert.Equal(25, await keyed.GetResultAsync());
        var dead = await before.DieAsync("fail", 9);
        Assert.Equal(TaskState.Failed, (await dead.WaitAsync()).State);
        var retrying = await before.DieAsync("fail", 9, new SubmitOptions
        {
            Retry = new RetryPolicy { MaxAttempts = 2, InitialBackoff = Long, MaxBackoff = Long },
        });
        var due = (await Eventually.BecomesAsync(
            () => retrying.GetInfoAsync(), task => task.State == TaskState.Retrying, "a failed attempt")).DueAt;
        var delayed = await before.SubmitAsync<int, int>("square", 4, new SubmitOptions { Delay = Long });
        var cancelled = await before.SubmitAsync<int, int>("square", 6, new SubmitOptions { Delay = Long });
        await cancelled.CancelAsync();
        var forgotten = await before.SubmitAsync<int, int>(
            "square", 7, new SubmitOptions { ResultTtl = TimeSpan.FromSeconds(1) });
        Assert.Equal(49, await forgotten.GetResultAsync());
        await killed.Client.Queues.PauseAsync(before.Name);
        var paused = await before.SubmitAsync<int, int>("square", 8);
        await killed.KillAsync();

        await using var daemon = await FaultDaemon.StartAsync(folder);
        await using var after = daemon.TakeUp(before);

        Task<TaskInfo> InfoAsync(TaskHandle task) => daemon.Client.GetTaskAsync(task.Id);
        Assert.Equal(QueueState.Paused, (await daemon.Client.Queues.GetAsync(after.Name)).State);
        Assert.Equal("9", Text((await daemon.Client.WaitAsync(done.Id)).Result));
        Assert.Equal(keyed.Id, (await after.SubmitAsync<int, int>(
            "square", 5, new SubmitOptions { IdempotencyKey = "once" })).Id);
        Assert.Equal(dead.Id, Assert.Single(await after.DeadAsync()).Id);
        var back = await InfoAsync(retrying);
        Assert.Equal((TaskState.Retrying, 1, due), (back.State, back.FailedAttempts, back.DueAt));
        Assert.Equal(TaskState.Scheduled, (await InfoAsync(delayed)).State);
        Assert.Equal(TaskState.Cancelled, (await InfoAsync(cancelled)).State);
        await Eventually.IsAsync(() => IsGoneAsync(daemon, forgotten.Id), "an end of the result's time");
        Assert.Equal(TaskState.Queued, (await InfoAsync(paused)).State);

        await daemon.Client.Queues.ResumeAsync(after.Name);
        Assert.Equal(TaskState.Succeeded, (await daemon.Client.WaitAsync(paused.Id)).State);
    }

    [Fact]
    public async Task A_worker_that_outlives_the_daemon_goes_on_and_its_word_about_the_lost_attempt_is_not_counted()
    {
        using var folder = new TestFolder();
        await using var killed = await FaultDaemon.StartAsync(folder);
        await killed.Client.Queues.DeclareAsync("kept");
        using var worker = Process.Start(new ProcessStartInfo(FaultDaemon.Worker, ["--queue", "kept"])
        {
            Environment = { ["QUEUED_SOCKET"] = $"unix:{folder.Socket}" },
        })!;
        using var gate = killed.AddGate();
        var task = await killed.Client.SubmitAsync<string, int>(
            "ignore-cancel", gate.Path, new SubmitOptions { Queue = "kept" });
        await gate.ArrivedAsync();
        // An assignment may overtake its commit. What is declared after it is not answered before.
        await killed.Client.Queues.DeclareAsync("kept");
        await killed.KillAsync();

        await using var daemon = await FaultDaemon.StartAsync(folder);
        Assert.Equal(1, (await daemon.Client.GetTaskAsync(task.Id)).LostDeliveries);
        // The attempt of the earlier life ends well, for nobody; then the same process gets the task again.
        gate.Open();
        await gate.ArrivedAsync();
        Assert.Equal(TaskState.Running, (await daemon.Client.GetTaskAsync(task.Id)).State);
        gate.Open();

        var outcome = await daemon.Client.WaitAsync(task.Id);
        var info = await daemon.Client.GetTaskAsync(task.Id);
        worker.Kill();
        Assert.Equal((TaskState.Succeeded, 2), (outcome.State, outcome.Attempt));
        Assert.Equal($"{worker.Id}", Text(outcome.Result));
        Assert.Equal([FailureKind.Lost, null], info.Attempts.Select(attempt => attempt.Failure?.Kind));
    }

    private static async Task<bool> IsGoneAsync(FaultDaemon daemon, TaskId task)
    {
        try
        {
            await daemon.Client.GetTaskAsync(task);
            return false;
        }
        catch (TaskNotFoundException)
        {
            return true;
        }
    }

    private static string Text(TaskPayload? payload) => Encoding.UTF8.GetString(payload!.Value.Data.Span);
}
