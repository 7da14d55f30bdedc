using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Queued.Protocol.V1;

namespace Queued.Worker.Tests;

public sealed class ContextTests : IAsyncLifetime
{
    private ScriptedDaemon _daemon = null!;

    public async Task InitializeAsync() => _daemon = await ScriptedDaemon.StartAsync();

    public async Task DisposeAsync() => await _daemon.DisposeAsync();

    [Fact]
    public async Task A_handler_sees_its_attempt()
    {
        TaskContext? seen = null;
        var assignment = ScriptedStream.Assignment("look", 42, "1");
        assignment.Attempts[0] = 3;
        assignment.FailedAttempts.Add(2);
        assignment.Target.Queue = "images";
        assignment.Target.Labels.Add("tenant", "acme");
        assignment.Target.Timeout = Duration.FromTimeSpan(TimeSpan.FromHours(1));
        await using var worker = await RunAsync(assignment, task => seen = task);

        Assert.Equal(42, seen!.TaskId);
        Assert.Equal(3, seen.Attempt);
        Assert.Equal(2, seen.FailedAttempts);
        Assert.Equal("look", seen.Handler);
        Assert.Equal("images", seen.Queue);
        Assert.Equal("acme", seen.Labels["tenant"]);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1), seen.SubmittedAt);
        Assert.InRange(seen.Deadline!.Value, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(CancelReason.None, seen.CancelReason);
    }

    [Fact]
    public async Task The_current_attempt_flows_with_the_handler_and_not_beyond()
    {
        TaskContext? seen = null;
        TaskContext? flowed = null;
        await using var worker = await RunAsync(ScriptedStream.Assignment("look", 1, "1"), task =>
        {
            seen = task;
            flowed = TaskContext.Current;
        });
        Assert.Same(seen, flowed);
        Assert.Null(TaskContext.Current);
    }

    [Fact]
    public async Task Progress_log_and_extension_reach_the_daemon_before_the_settlement()
    {
        ScriptedStream? stream = null;
        await using var worker = await RunAsync(
            ScriptedStream.Assignment("look", 1, "1"),
            task =>
            {
                task.ReportProgress(1, 10);
                task.ReportProgress(2, 10, "two");
                task.Log("line");
            },
            opened => stream = opened,
            task => task.ExtendAsync(TimeSpan.FromMinutes(2)));

        Assert.Equal("two", stream!.Progress[^1].Progress.Message);
        Assert.Equal("line", Assert.Single(stream.Logs).Line);
        Assert.Equal(TimeSpan.FromMinutes(2), Assert.Single(stream.Extensions).Timeout.ToTimeSpan());
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(double.NaN, 0)]
    [InlineData(1, double.PositiveInfinity)]
    public async Task Progress_that_is_no_count_is_refused(double completed, double total)
    {
        Exception? refused = null;
        await using var worker = await RunAsync(
            ScriptedStream.Assignment("look", 1, "1"),
            task => refused = Record.Exception(() => task.ReportProgress(completed, total)));
        Assert.IsType<ArgumentOutOfRangeException>(refused);
    }

    [Fact]
    public async Task The_handler_runs_in_an_activity_that_continues_the_submitters_trace()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Queued.Worker",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        Activity? seen = null;
        var assignment = ScriptedStream.Assignment("look", 1, "1");
        assignment.Target.Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var worker = await RunAsync(assignment, _ => seen = Activity.Current);

        Assert.Equal("0af7651916cd43dd8448eb211c80319c", seen!.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", seen.ParentSpanId.ToHexString());
        Assert.Equal("look", seen.GetTagItem("queued.handler"));
    }

    private async Task<WorkerUnderTest> RunAsync(
        AssignmentBatch assignment,
        Action<TaskContext> look,
        Action<ScriptedStream>? opened = null,
        Func<TaskContext, Task>? then = null)
    {
        var worker = WorkerUnderTest.Start(_daemon, worker => worker.Handle("look", async (int x, TaskContext task) =>
        {
            look(task);
            await (then?.Invoke(task) ?? Task.CompletedTask);
            return x;
        }));
        var stream = await _daemon.AcceptAsync();
        opened?.Invoke(stream);
        await stream.WelcomeAsync();
        await stream.SendAsync(new WorkResponse { Assignments = { assignment } });
        Assert.NotNull((await stream.SettlementAsync(assignment.TaskIds[0])).Succeeded);
        return worker;
    }
}
