using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Queued.Broker;
using Queued.Daemon.Edge;
using Queued.Daemon.Logs;
using Queued.Daemon.Loop;
using Enum = System.Enum;
using Wire = Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Edge;

public sealed class ProtoMappingTests
{
    [Fact]
    public void Every_enum_value_of_the_core_has_its_own_on_the_wire()
    {
        AssertComplete<TaskState, Wire.TaskState>(ProtoMapping.ToWire);
        AssertComplete<FailureKind, Wire.FailureKind>(ProtoMapping.ToWire);
        AssertComplete<CancelReason, Wire.CancelReason>(ProtoMapping.ToWire);
        AssertComplete<QueueState, Wire.QueueState>(ProtoMapping.ToWire);
        AssertComplete<PoolState, Wire.PoolState>(ProtoMapping.ToWire);
        AssertComplete<WorkerState, Wire.WorkerState>(ProtoMapping.ToWire);
        AssertComplete<LogSource, Wire.LogSource>(ProtoMapping.ToWire);
    }

    [Fact]
    public void Task_states_come_back_as_they_went()
    {
        foreach (var state in Enum.GetValues<TaskState>())
        {
            Assert.Equal(state, ProtoMapping.FromWire(ProtoMapping.ToWire(state)));
        }

        Assert.Null(ProtoMapping.FromWire(Wire.TaskState.Unspecified));
        Assert.Null(ProtoMapping.FromWire((Wire.TaskState)10));
    }

    [Theory]
    [InlineData(Wire.FailureKind.Unspecified, FailureKind.Error)]
    [InlineData(Wire.FailureKind.Error, FailureKind.Error)]
    [InlineData(Wire.FailureKind.Rejected, FailureKind.Rejected)]
    [InlineData(Wire.FailureKind.Cancelled, FailureKind.Cancelled)]
    internal void A_worker_may_say_three_kinds(Wire.FailureKind wire, FailureKind kind) =>
        Assert.Equal(kind, ProtoMapping.FromWire(wire));

    [Fact]
    public void A_worker_may_not_say_how_its_process_ended()
    {
        Wire.FailureKind[] allowed =
        [
            Wire.FailureKind.Unspecified, Wire.FailureKind.Error, Wire.FailureKind.Rejected, Wire.FailureKind.Cancelled,
        ];
        Assert.All(
            Enum.GetValues<Wire.FailureKind>().Except(allowed), kind => Assert.Null(ProtoMapping.FromWire(kind)));
    }

    [Fact]
    public void Durability_that_nobody_said_is_the_best_that_the_daemon_has()
    {
        Assert.Equal(Durability.Fsync, DurabilityOf(Wire.Durability.Unspecified, hasStore: true));
        Assert.Equal(Durability.Async, DurabilityOf(Wire.Durability.Async, hasStore: true));
        Assert.Equal(Durability.Memory, DurabilityOf(Wire.Durability.Unspecified, hasStore: false));
        Assert.Null(ProtoMapping.FromWire((Wire.Durability)4));

        static Durability DurabilityOf(Wire.Durability durability, bool hasStore)
        {
            var check = new FieldCheck("");
            return ProtoMapping.ToSettings(new Wire.QueuePolicy { Durability = durability }, hasStore, ref check)
                .Durability;
        }
    }

    [Theory]
    [InlineData(1, -1)]
    [InlineData(-1, 1)]
    [InlineData(0, 1_000_000_000)]
    [InlineData(315_576_000_001, 0)]
    public void A_duration_that_is_none_names_its_field(long seconds, int nanos)
    {
        var check = new FieldCheck("task.");

        Assert.Null(check.Duration(new Duration { Seconds = seconds, Nanos = nanos }, "delay"));
        Assert.Equal("task.delay", check.Rejection?.Field);
        Assert.Equal(RejectionReason.InvalidRequest, check.Rejection?.Reason);
    }

    [Theory]
    [InlineData(-62_135_596_801, 0)]
    [InlineData(253_402_300_800, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 1_000_000_000)]
    public void A_time_that_is_none_names_its_field(long seconds, int nanos)
    {
        var check = new FieldCheck("");

        Assert.Null(check.Time(new Timestamp { Seconds = seconds, Nanos = nanos }, "run_at"));
        Assert.Equal("run_at", check.Rejection?.Field);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-3, -500_000_000)]
    [InlineData(31_536_000, 999_999_900)]
    public void Durations_come_back_as_they_went(long seconds, int nanos)
    {
        var check = new FieldCheck("");
        var wire = new Duration { Seconds = seconds, Nanos = nanos };

        Assert.Equal(wire, ProtoMapping.ToWire(check.Duration(wire, "x")!.Value));
        Assert.Null(check.Rejection);
    }

    [Fact]
    public void The_first_bad_field_counts()
    {
        var check = new FieldCheck("task.");
        var bad = new Duration { Nanos = -1, Seconds = 1 };
        var retry = new Wire.RetryPolicy { Multiplier = double.NaN };
        var spec = new Wire.TaskSpec { Handler = "h", Timeout = bad, Grace = bad, Retry = retry };
        ProtoMapping.ToSubmission(spec, ref check);

        Assert.Equal("task.retry.multiplier", check.Rejection?.Field);
    }

    [Fact]
    public void A_number_too_great_for_the_core_stays_too_great()
    {
        Assert.Equal(int.MaxValue, FieldCheck.Int(uint.MaxValue));
        Assert.Equal(long.MaxValue, FieldCheck.Long(ulong.MaxValue));
    }

    [Fact]
    public void A_submission_keeps_every_field()
    {
        var spec = new Wire.TaskSpec
        {
            Handler = "h",
            Queue = "q",
            Payload = new Wire.Payload { Data = ByteString.CopyFromUtf8("in"), ContentType = "text/plain" },
            Priority = -3,
            Delay = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)),
            Retry = new Wire.RetryPolicy { MaxAttempts = 4, Jitter = 0, NonRetryableErrorTypes = { "E" } },
            Timeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(2)),
            SoftTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(3)),
            Grace = Duration.FromTimeSpan(TimeSpan.FromSeconds(4)),
            QueueTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
            IdempotencyKey = new Wire.IdempotencyKey { Key = "i", Ttl = new Duration { Seconds = 6 } },
            ConcurrencyKey = new Wire.ConcurrencyKey { Key = "c", Limit = 7 },
            ResultTtl = Duration.FromTimeSpan(TimeSpan.FromSeconds(8)),
            Traceparent = "tp",
            Tracestate = "ts",
            Labels = { ["a"] = "b" },
        };
        var check = new FieldCheck("");
        var task = ProtoMapping.ToSubmission(spec, ref check);

        Assert.Null(check.Rejection);
        Assert.Equal("h/q/-3/i/c/7/tp/ts", string.Join(
            '/', task.Handler, task.Queue, task.Priority, task.IdempotencyKey, task.ConcurrencyKey,
            task.ConcurrencyLimit, task.Traceparent, task.Tracestate));
        Assert.Equal("in"u8.ToArray(), task.Payload.Data.ToArray());
        Assert.Equal("text/plain", task.Payload.ContentType);
        Assert.Equal(
            [1, 2, 3, 4, 5, 6, 8],
            new[]
            {
                task.Delay, task.Timeout, task.SoftTimeout, task.Grace, task.QueueTimeout, task.IdempotencyTtl,
                task.ResultTtl,
            }.Select(span => (int)span!.Value.TotalSeconds));
        Assert.Equal((4, 0d), (task.Retry!.MaxAttempts, task.Retry.Jitter!.Value));
        Assert.Equal(["E"], task.Retry.NonRetryableErrorTypes);
        Assert.Equal("b", task.Labels!["a"]);
    }

    [Fact]
    public void Every_limit_has_a_name_on_the_wire()
    {
        var names = LimitNames.All(new BrokerLoopOptions());
        foreach (var property in typeof(BrokerLimits).GetProperties().Where(property =>
            property.Name.EndsWith("Max", StringComparison.Ordinal)))
        {
            var name = string.Concat(property.Name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}"));
            Assert.Contains(name.ToLowerInvariant(), names.Keys);
        }
    }

    private static void AssertComplete<TCore, TWire>(Func<TCore, TWire> map)
        where TCore : struct, Enum
        where TWire : struct, Enum
    {
        var mapped = Enum.GetValues<TCore>().Select(map).ToArray();
        Assert.Equal(mapped.Length, mapped.Distinct().Count());
        Assert.DoesNotContain(default, mapped);
        Assert.Equal(Enum.GetValues<TWire>().Length - 1, mapped.Length);
    }
}
