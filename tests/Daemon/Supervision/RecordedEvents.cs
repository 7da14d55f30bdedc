using System.Collections.Concurrent;
using System.Text;
using Queued.Broker;
using Queued.Daemon.Supervision;

namespace Queued.Daemon.Tests.Supervision;

/// <summary>How a worker ended: its exit, or why it did not start.</summary>
internal sealed record WorkerEnd(ProcessExit? Exit, TaskPayload? ExecResult, string? SpawnFailure);

/// <summary>Keeps what the supervisor told, and lets a test wait for it.</summary>
internal sealed class RecordedEvents : ISupervisionEvents
{
    private const int KeptBytesMax = 1024 * 1024;

    private readonly ConcurrentDictionary<WorkerId, Record> _records = new();

    public int ProcessIdOf(WorkerId worker) => Of(worker).Spawned.Task.Result;

    public Task<int> SpawnedAsync(WorkerId worker) => Of(worker).Spawned.Task.WaitAsync(Eventually.Deadline);

    public Task<WorkerEnd> EndedAsync(WorkerId worker) => Of(worker).Ended.Task.WaitAsync(Eventually.Deadline);

    public Task<long> SampledAsync(WorkerId worker) => Of(worker).Sampled.Task.WaitAsync(Eventually.Deadline);

    /// <summary>What was read so far, as "source:text" in order.</summary>
    public string OutputOf(WorkerId worker, OutputSource source)
    {
        var record = Of(worker);
        lock (record)
            return Encoding.UTF8.GetString(record.Kept[source].ToArray());
    }

    public long OutputBytesOf(WorkerId worker, OutputSource source)
    {
        var record = Of(worker);
        lock (record)
            return record.Bytes[source];
    }

    public IReadOnlyList<string> StoryOf(WorkerId worker)
    {
        var record = Of(worker);
        lock (record)
            return [.. record.Story];
    }

    void ISupervisionEvents.Spawned(WorkerId worker, int processId)
    {
        Tell(worker, "spawned");
        Of(worker).Spawned.SetResult(processId);
    }

    void ISupervisionEvents.SpawnFailed(WorkerId worker, SpawnError error)
    {
        Tell(worker, "failed");
        Of(worker).Ended.SetResult(new WorkerEnd(null, null, error.Message));
    }

    void ISupervisionEvents.Exited(WorkerId worker, ProcessExit exit, TaskPayload? execResult)
    {
        Tell(worker, "exited");
        Of(worker).Ended.SetResult(new WorkerEnd(exit, execResult, null));
    }

    /// <summary>Whose memory was looked at, in order.</summary>
    public ConcurrentQueue<WorkerId> Samples { get; } = new();

    void ISupervisionEvents.Sampled(WorkerId worker, long residentBytes)
    {
        Samples.Enqueue(worker);
        Of(worker).Sampled.TrySetResult(residentBytes);
    }

    /// <summary>Whether output is to wait, as the test wants it. Never: null.</summary>
    public Func<WorkerId, bool>? Waits { get; set; }

    bool ISupervisionEvents.MustWait(WorkerId worker) => Waits?.Invoke(worker) == true;

    void ISupervisionEvents.Output(WorkerId worker, OutputSource source, ReadOnlySpan<byte> data)
    {
        var record = Of(worker);
        lock (record)
        {
            if (record.Story.LastOrDefault() != "output")
                record.Story.Add("output");
            record.Bytes[source] += data.Length;
            if (record.Kept[source].Count < KeptBytesMax)
                record.Kept[source].AddRange(data);
        }
    }

    private void Tell(WorkerId worker, string what)
    {
        var record = Of(worker);
        lock (record)
            record.Story.Add(what);
    }

    private Record Of(WorkerId worker) => _records.GetOrAdd(worker, _ => new Record());

    private sealed class Record
    {
        public TaskCompletionSource<int> Spawned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<WorkerEnd> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<long> Sampled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Story { get; } = [];

        public Dictionary<OutputSource, List<byte>> Kept { get; } =
            new() { [OutputSource.Stdout] = [], [OutputSource.Stderr] = [] };

        public Dictionary<OutputSource, long> Bytes { get; } =
            new() { [OutputSource.Stdout] = 0, [OutputSource.Stderr] = 0 };
    }
}
