using System.Diagnostics.Metrics;
using Queued.Broker;
using Queued.Daemon.Hosting;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Telemetry;

/// <summary>
/// Metrics of what stands: depths, workers, totals. A meter asks when it likes and cannot wait, so the broker is asked
/// at an interval and the meter gets the last answer. Runs only where somebody collects.
/// </summary>
internal sealed class StatusMetrics : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly BrokerLoop _loop;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new(Instruments.Name, CommandLine.Version);
    private BrokerStatus _last = new();

    public StatusMetrics(BrokerLoop loop, SessionRegistry sessions, TimeProvider time)
    {
        _loop = loop;
        _time = time;
        Counter(Instruments.TasksSubmitted, StatusMeasurements.Submitted);
        Counter(Instruments.TasksFinished, StatusMeasurements.Finished);
        Gauge(Instruments.QueueDepth, StatusMeasurements.Depth);
        Gauge(Instruments.PoolWorkers, StatusMeasurements.Workers);
        _meter.CreateObservableGauge(
            Instruments.Sessions.Name, () => (long)sessions.StreamCount, Instruments.Sessions.Unit,
            Instruments.Sessions.Description);
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                await AskAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The daemon stops.
        }
        catch (BrokerStoppedException)
        {
            // Said by the loop itself; the last values stay.
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var status = await _loop.AskAsync<Response.Status>(
                request => new Command.GetStatus(request, WithViews: true), cancellationToken);
            Volatile.Write(ref _last, status.Counts);
        }
        catch (BrokerBusyException)
        {
            // Those who wait for the broker come first; the values of the last time serve until the next.
        }
    }

    private void Counter(
        InstrumentDescription description, Func<BrokerStatus, IEnumerable<Measurement<long>>> measure) =>
        _meter.CreateObservableCounter(
            description.Name, () => measure(Volatile.Read(ref _last)), description.Unit, description.Description);

    private void Gauge(InstrumentDescription description, Func<BrokerStatus, IEnumerable<Measurement<long>>> measure) =>
        _meter.CreateObservableGauge(
            description.Name, () => measure(Volatile.Read(ref _last)), description.Unit, description.Description);
}

internal static class StatusMeasurements
{
    /// <summary>What is there and what has ended came in at some time.</summary>
    public static IEnumerable<Measurement<long>> Submitted(BrokerStatus status) => status.QueueViews.Select(queue =>
        new Measurement<long>(
            queue.Scheduled + queue.Queued + queue.Running + queue.Retrying
                + queue.SucceededTotal + queue.FailedTotal + queue.CancelledTotal,
            Tag("queue", queue.Name)));

    public static IEnumerable<Measurement<long>> Finished(BrokerStatus status) => status.QueueViews.SelectMany(queue =>
        Each(Tag("queue", queue.Name), "outcome",
            ("succeeded", queue.SucceededTotal), ("failed", queue.FailedTotal), ("cancelled", queue.CancelledTotal)));

    public static IEnumerable<Measurement<long>> Depth(BrokerStatus status) => status.QueueViews.SelectMany(queue =>
        Each(Tag("queue", queue.Name), "state",
            ("scheduled", queue.Scheduled), ("queued", queue.Queued), ("running", queue.Running),
            ("retrying", queue.Retrying), ("dead", queue.Dead)));

    public static IEnumerable<Measurement<long>> Workers(BrokerStatus status) => status.PoolViews.SelectMany(pool =>
        Each(Tag("pool", pool.Settings.Name), "state",
            ("starting", pool.Starting), ("ready", pool.Ready), ("busy", pool.Busy), ("draining", pool.Draining)));

    private static IEnumerable<Measurement<long>> Each(
        KeyValuePair<string, object?> tag, string key, params (string Value, long Count)[] counts) =>
        counts.Select(count => new Measurement<long>(count.Count, tag, Tag(key, count.Value)));

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);
}
