using System.Threading.Channels;
using Queued.Broker;
using Queued.Daemon.Logs;
using Queued.Daemon.Supervision;

namespace Queued.Daemon.Loop;

/// <summary>
/// Brings what the supervisor says to the loop, in its order, and never holds the supervisor's threads up. What waits
/// is bounded by itself: a worker is spawned once, ends once, and has one sample under way.
/// </summary>
internal sealed class SupervisionBridge(TaskLogStore logs) : ISupervisionEvents
{
    private readonly Channel<Command> _waiting = Channel.CreateUnbounded<Command>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<WorkerId, long> _samples = [];
    private readonly Lock _gate = new();

    public void Spawned(WorkerId worker, int processId) =>
        _waiting.Writer.TryWrite(new Command.WorkerSpawned(worker, processId));

    public void SpawnFailed(WorkerId worker, SpawnError error) =>
        _waiting.Writer.TryWrite(new Command.WorkerSpawnFailed(worker, error.Message, error.Type));

    public void Exited(WorkerId worker, ProcessExit exit, TaskPayload? execResult) =>
        _waiting.Writer.TryWrite(new Command.WorkerExited(worker, exit, execResult));

    public void Sampled(WorkerId worker, long residentBytes)
    {
        lock (_gate)
        {
            // A sample that waits is overtaken by the next one instead of being followed by it.
            var waits = _samples.ContainsKey(worker);
            _samples[worker] = residentBytes;
            if (waits) return;
        }

        _waiting.Writer.TryWrite(new Command.WorkerSampled(worker, residentBytes));
    }

    public bool MustWait(WorkerId worker) => logs.MustWait(worker);

    public void Output(WorkerId worker, OutputSource source, ReadOnlySpan<byte> data) =>
        logs.Output(worker, source == OutputSource.Stdout ? LogSource.Stdout : LogSource.Stderr, data);

    /// <summary>Hands over to the loop until <see cref="Complete"/> was called and nothing waits.</summary>
    public async Task RunAsync(BrokerLoop loop)
    {
        await foreach (var command in _waiting.Reader.ReadAllAsync())
        {
            try
            {
                await loop.TellAsync(Latest(command), CancellationToken.None);
            }
            catch (BrokerStoppedException)
            {
                // Nobody decides any more; the processes end with the daemon.
                return;
            }
        }
    }

    public void Complete() => _waiting.Writer.TryComplete();

    private Command Latest(Command command)
    {
        if (command is not Command.WorkerSampled sampled) return command;
        lock (_gate)
        {
            return _samples.Remove(sampled.Worker, out var bytes) ? sampled with { ResidentBytes = bytes } : sampled;
        }
    }
}
