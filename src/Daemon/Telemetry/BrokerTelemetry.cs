using System.Diagnostics.Metrics;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Queued.Broker;
using Queued.Daemon.Hosting;
using Queued.Daemon.Hosting.Configuration;
using Queued.Daemon.Loop;

namespace Queued.Daemon.Telemetry;

/// <summary>Makes spans and metrics of what the broker reports. Costs next to nothing where nobody listens.</summary>
internal sealed class BrokerTelemetry : IBrokerObserver, IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    // From a millisecond, which a warm worker needs for nothing, to an hour.
    private static readonly double[] Seconds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

    private readonly Meter _meter = new(Instruments.Name, CommandLine.Version);
    private readonly TimeProvider _time;
    private readonly Counter<long> _attempts;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _run;
    private readonly Counter<long> _workerExits;

    public BrokerTelemetry(TimeProvider time)
    {
        _time = time;
        _attempts = _meter.CreateCounter<long>(
            Instruments.Attempts.Name, Instruments.Attempts.Unit, Instruments.Attempts.Description);
        _wait = Histogram(Instruments.TaskWait);
        _run = Histogram(Instruments.TaskRun);
        _workerExits = _meter.CreateCounter<long>(
            Instruments.WorkerExits.Name, Instruments.WorkerExits.Unit, Instruments.WorkerExits.Description);
    }

    public static void Add(WebApplicationBuilder builder, TelemetrySection settings)
    {
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IBrokerObserver, BrokerTelemetry>();
        var endpoint = settings.OtlpEndpoint?.OriginalString ?? Environment.GetEnvironmentVariable(EndpointVariable);
        if (settings.Enabled == false || string.IsNullOrEmpty(endpoint))
        {
            return;
        }

        // The exporter reads its other settings, such as headers, from the configuration, which the host leaves empty.
        builder.Configuration.AddInMemoryCollection(OpenTelemetryVariables());
        builder.Services.AddHostedService<StatusMetrics>();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(
                resource => resource.AddService(settings.ServiceName, serviceVersion: CommandLine.Version))
            .WithTracing(tracing => tracing.AddSource(Instruments.Name).AddOtlpExporter(SetEndpoint))
            .WithMetrics(metrics => metrics.AddMeter(Instruments.Name).AddOtlpExporter(SetEndpoint));

        void SetEndpoint(OtlpExporterOptions options)
        {
            if (settings.OtlpEndpoint is { } address)
            {
                options.Endpoint = address;
            }
        }
    }

    public void AttemptEnded(in AttemptReport report)
    {
        if (Instruments.Activities.HasListeners())
        {
            AttemptSpan.Record(report, _time.GetUtcNow());
        }

        if (!_attempts.Enabled)
        {
            return;
        }

        var queue = KeyValuePair.Create<string, object?>("queue", report.Queue);
        var outcome = KeyValuePair.Create<string, object?>("outcome", AttemptOutcome.Of(report));
        _attempts.Add(1, queue, outcome);
        _wait.Record(report.QueuedFor.TotalSeconds, queue);
        _run.Record(report.RanFor.TotalSeconds, queue, outcome);
    }

    public void WorkerEnded(WorkerId worker, string pool, int processId, string reason, bool expected) =>
        _workerExits.Add(
            1,
            KeyValuePair.Create<string, object?>("pool", pool),
            KeyValuePair.Create<string, object?>("reason", expected ? "expected" : "unexpected"));

    public void Dispose() => _meter.Dispose();

    private Histogram<double> Histogram(InstrumentDescription description) => _meter.CreateHistogram(
        description.Name, description.Unit, description.Description,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });

    private static IEnumerable<KeyValuePair<string, string?>> OpenTelemetryVariables()
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable.Key is string name && name.StartsWith("OTEL_", StringComparison.Ordinal))
            {
                yield return KeyValuePair.Create(name, (string?)variable.Value);
            }
        }
    }
}
