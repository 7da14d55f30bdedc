using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Queued.Broker;
using Queued.Daemon.Edge;
using Queued.Daemon.Loop;
using Queued.Daemon.Storage;
using Queued.Daemon.Tests.Storage;
using Queued.Protocol.V1;
using Durability = Queued.Broker.Durability;

namespace Queued.Daemon.Tests.Allocations;

/// <summary>The parts of a task's way, each by itself on the calling thread, with tasks that come together.</summary>
internal sealed class DaemonWays : IDisposable
{
    /// <summary>In each round.</summary>
    public const int Tasks = 256;

    private const int PayloadBytes = 64;

    private readonly StoreRig _rig = new();
    private StoreFile? _file;
    private ulong _stored;

    public static IReadOnlyList<string> Names { get; } =
    [
        "core, memory queue", "core, fsync queue", "edge, submissions", "edge, assignments", "edge, settlements",
        "store, new tasks",
    ];

    /// <summary>A round, and how many bytes it allocated.</summary>
    public Func<long> Get(string name) => name switch
    {
        "core, memory queue" => new CoreRounds(Durability.Memory, Tasks).Run,
        "core, fsync queue" => new CoreRounds(Durability.Fsync, Tasks).Run,
        "edge, submissions" => ReadSubmissions(),
        "edge, assignments" => WriteAssignments(),
        "edge, settlements" => ReadSettlements(),
        "store, new tasks" => StoreTasks(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such way."),
    };

    public void Dispose()
    {
        _file?.Dispose();
        _rig.Dispose();
    }

    private static Func<long> ReadSubmissions()
    {
        var batch = new SubmissionBatch
        {
            Task = new TaskSpec { Handler = "echo", Queue = "q", ResultTtl = new Duration() },
            Payloads = Payloads(),
        };
        batch.Tags.Add(Enumerable.Range(1, Tasks).Select(tag => (ulong)tag));
        var bytes = new ConnectRequest { Submissions = { batch } }.ToByteArray();
        // With this nobody looks at where the call came from.
        var reader = new SubmissionReader(new ExecPolicy(new BrokerLoopOptions { ExecAllowedOverTcp = true }), null!);
        return () => Measure(() =>
        {
            var accepted = new List<Broker.TaskSubmission>(Tasks);
            List<Refusal>? refused = null;
            foreach (var read in ConnectRequest.Parser.ParseFrom(bytes).Submissions)
                reader.Read(read, activity: null, accepted, ref refused);
            Assert.Equal(Tasks, accepted.Count);
        });
    }

    private static Func<long> WriteAssignments()
    {
        var target = new Broker.AssignmentTarget("echo", "q");
        var assignments = Enumerable.Range(1, Tasks).Select(number => new Assignment
        {
            Attempt = new AttemptId(new TaskId((ulong)number), 1),
            Target = target,
            Payload = new TaskPayload(new byte[PayloadBytes], "text/plain"),
            SubmittedAt = StoreRig.Start,
        }).ToArray();
        var written = new ArrayBufferWriter<byte>();
        return () => Measure(() =>
        {
            written.Clear();
            var message = new WorkResponse();
            Assignment? previous = null;
            foreach (var assignment in assignments)
            {
                if (!ProtoMapping.TryAdd(message.Assignments, assignment, previous))
                    message.Assignments.Add(ProtoMapping.ToWire(assignment));
                previous = assignment;
            }

            foreach (var batch in message.Assignments) batch.Payloads.Seal();
            message.WriteTo(written);
        });
    }

    private static Func<long> ReadSettlements()
    {
        var batch = new SettlementBatch { Results = Payloads() };
        batch.TaskIds.Add(Enumerable.Range(1, Tasks).Select(task => (ulong)task));
        batch.Attempts.Add(Enumerable.Repeat(1u, Tasks));
        var bytes = new WorkRequest { Successes = { batch } }.ToByteArray();
        return () => Measure(() =>
        {
            var check = new FieldCheck("");
            var report = ProtoMapping.ToReport(new WorkerId(1), WorkRequest.Parser.ParseFrom(bytes), ref check);
            Assert.Equal(Tasks, report.Settlements.Count);
        });
    }

    /// <summary>What is to be stored is the core's; this is what the store makes of it.</summary>
    private Func<long> StoreTasks()
    {
        _file = StoreFile.Open(_rig.Options, (_, _) => { }, _ => { });
        return () =>
        {
            var changes = new List<Change>(Tasks);
            for (var n = 0; n < Tasks; n++) changes.Add(StoreRig.Added(++_stored, new string('x', PayloadBytes)));
            return Measure(() =>
            {
                _file.Begin();
                foreach (var change in changes) _file.Changes.Apply(change);
                _file.Commit();
            });
        };
    }

    private static PayloadBatch Payloads()
    {
        var batch = new PayloadBatch { ContentType = "text/plain" };
        for (var n = 0; n < Tasks; n++) batch.Append(new byte[PayloadBytes]);
        batch.Seal();
        return batch;
    }

    private static long Measure(Action round)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        round();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
