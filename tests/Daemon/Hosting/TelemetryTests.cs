using System.Diagnostics;
using System.Diagnostics.Metrics;
using Queued.Broker;
using Queued.Daemon.Telemetry;

namespace Queued.Daemon.Tests.Hosting;

public sealed class TelemetryTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public void The_table_of_metrics_in_the_documentation_is_the_one_of_the_code()
    {
        var rows = File.ReadAllLines(RepositoryFile.Path("docs/operations.md"))
            .Where(line => line.StartsWith("| `queued.", StringComparison.Ordinal));

        Assert.Equal(
            Instruments.All.Select(
                known => $"| `{known.Name}` | {known.Kind} | {known.Unit} | {known.Tags} | {known.Description} |"),
            rows);
    }

    [Fact]
    public void An_attempt_is_a_span_under_the_one_that_submitted_the_task()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Instruments.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (spans)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        var endedAt = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

        AttemptSpan.Record(Report(TaskState.Failed, new TaskFailure(FailureKind.Signal, "killed")), endedAt);

        var span = Assert.Single(spans, activity => activity.TraceId.ToString() == TraceId);
        Assert.Equal("process mail", span.DisplayName);
        Assert.Equal("b7ad6b7169203331", span.ParentSpanId.ToString());
        Assert.Equal(TimeSpan.FromSeconds(2), span.Duration);
        Assert.Equal(endedAt.UtcDateTime, span.StartTimeUtc + span.Duration);
        Assert.Equal("7", span.GetTagItem("messaging.message.id"));
        Assert.Equal("mail", span.GetTagItem("messaging.destination.name"));
        Assert.Equal("signal", span.GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
    }

    [Fact]
    public void Attempts_and_exits_are_counted_by_what_became_of_them()
    {
        var seen = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name == Instruments.Name)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => seen.Add(Line(instrument, value, tags)));
        listener.SetMeasurementEventCallback<double>(
            (instrument, value, tags, _) => seen.Add(Line(instrument, value, tags)));
        using var telemetry = new BrokerTelemetry(TimeProvider.System);
        listener.Start();

        telemetry.AttemptEnded(Report(TaskState.Succeeded, null));
        telemetry.AttemptEnded(Report(TaskState.Queued, null));
        telemetry.WorkerEnded(new WorkerId(1), "mail", 1, "signal 9", expected: false);

        Assert.Equal(
        [
            "queued.attempts 1 queue=mail outcome=succeeded",
            "queued.task.wait.duration 0.5 queue=mail",
            "queued.task.run.duration 2 queue=mail outcome=succeeded",
            "queued.attempts 1 queue=mail outcome=released",
            "queued.task.wait.duration 0.5 queue=mail",
            "queued.task.run.duration 2 queue=mail outcome=released",
            "queued.worker.exits 1 pool=mail reason=unexpected",
        ], seen);
    }

    [Fact]
    public void Depths_and_totals_come_from_one_look_at_the_broker()
    {
        var status = new BrokerStatus
        {
            QueueViews =
            [
                new QueueView
                {
                    Name = "mail", Settings = new(), State = QueueState.Active,
                    Queued = 3, Running = 1, SucceededTotal = 10, FailedTotal = 2, CancelledTotal = 1,
                },
            ],
        };

        Assert.Equal(17, Assert.Single(StatusMeasurements.Submitted(status)).Value);
        Assert.Equal([10L, 2, 1], StatusMeasurements.Finished(status).Select(measurement => measurement.Value));
        Assert.Equal([0L, 3, 1, 0, 0], StatusMeasurements.Depth(status).Select(measurement => measurement.Value));
    }

    private static string Line<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        FormattableString.Invariant(
            $"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");

    private static AttemptReport Report(TaskState next, TaskFailure? failure) => new(
        new AttemptId(new TaskId(7), 2), new WorkerId(3), "mail", "send", next, failure,
        TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(2), $"00-{TraceId}-b7ad6b7169203331-01", "");
}
