using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Queued.Broker;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// Starts, signals, reads and reaps the workers' processes, and tells what becomes of them. What to start and when to
/// stop is not decided here. No method waits, but for <see cref="DisposeAsync"/>.
/// </summary>
internal sealed partial class Supervisor : IAsyncDisposable
{
    private const int TokenBytes = 32;

    /// <summary>
    /// A worker that found no room is tried again, first after this, then after twice as long, up to the other.
    /// </summary>
    private static readonly TimeSpan StartAgainMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StartAgainMax = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan DisposeTimeMax = TimeSpan.FromSeconds(10);

    private readonly SupervisorOptions _options;
    private readonly ISupervisionEvents _events;
    private readonly ILogger<Supervisor> _logger;
    private readonly ConcurrentDictionary<WorkerId, WorkerProcess> _workers = new();
    private readonly Lock _endGate = new();
    private readonly TaskCompletionSource _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[WorkerProcess.ReadBytesMax];
    private readonly OomWatch _oom = new();
    private readonly Reactor _reactor = new();
    private readonly SpawnerThread _spawner = new();
    private readonly WorkerEnvironment _environment;
    private readonly ProcessStarter _starter;
    private readonly MemorySampler _sampler;
    private readonly StragglerSweep _stragglers;
    private readonly GuardLink? _guard;
    private volatile bool _stopping;

    // On the spawner's thread only.
    private int _withoutRoom;

    public Supervisor(SupervisorOptions options, ISupervisionEvents events, ILogger<Supervisor> logger)
    {
        (_options, _events, _logger) = (options, events, logger);
        _environment = new WorkerEnvironment(options);
        _starter = new ProcessStarter(options.DescriptorMax, logger);
        _sampler = new MemorySampler(_reactor, options.SampleInterval, events, _oom);
        _stragglers = new StragglerSweep(options.InstanceId, logger);
        _spawner.Post(Prepare);
        if (options.GuardEnabled)
        {
            _guard = new GuardLink(options, _environment, _spawner, _starter, _reactor, logger);
            _guard.Start();
        }
    }

    /// <summary>Process id of the guard, null while there is none.</summary>
    internal int? GuardProcessId => _guard?.ProcessId;

    /// <summary>Starts the pool's command as this worker.</summary>
    internal void Start(WorkerId worker, PoolSettings pool)
    {
        var token = Entropy.Hex(TokenBytes);
        var process = Add(new WorkerProcess(worker, pool, Encoding.UTF8.GetBytes(token), _events));
        _spawner.Post(() => Launch(process, PlanWorker(process, token), StartAgainMin));
    }

    /// <summary>Starts the OS command in the assignment's payload as this worker.</summary>
    internal void StartExec(WorkerId worker, PoolSettings pool, Assignment assignment)
    {
        var process = Add(new WorkerProcess(worker, pool, [], _events));
        _spawner.Post(() => LaunchExec(process, assignment));
    }

    /// <summary>SIGTERM to the worker's group. Nothing where it has ended.</summary>
    internal void Terminate(WorkerId worker) => Signal(worker, LinuxSignal.Terminate);

    /// <summary>SIGKILL to the worker's group. Nothing where it has ended.</summary>
    internal void Kill(WorkerId worker) => Signal(worker, LinuxSignal.Kill);

    /// <summary>
    /// Whether a peer that says it is the worker was started as it. False where the worker is not known, or has ended.
    /// </summary>
    internal bool IsTokenValid(WorkerId worker, string token) =>
        _workers.TryGetValue(worker, out var process) && process.Token.Length > 0 &&
        CryptographicOperations.FixedTimeEquals(process.Token, Encoding.UTF8.GetBytes(token));

    /// <summary>
    /// Hands what the worker has written so far to <see cref="ISupervisionEvents.Output"/> before it returns, so that
    /// it counts for the attempt that is about to end.
    /// </summary>
    internal void ReadPending(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker, out var process))
            return;
        var buffer = ArrayPool<byte>.Shared.Rent(WorkerProcess.ReadBytesMax);
        process.ReadPending(buffer);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The guard removes the file or directory after the daemon has ended, however it ended.</summary>
    /// <param name="path">Absolute.</param>
    internal void RemoveAtEnd(string path) => _guard?.RemoveAtEnd(path);

    /// <summary>Kills and reaps every worker and whatever they left, and ends the guard.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_endGate)
        {
            if (_stopping)
                return;
            _stopping = true;
            if (_workers.IsEmpty)
                _allEnded.TrySetResult();
        }

        foreach (var worker in _workers.Values)
            worker.Signal(LinuxSignal.Kill);
        try
        {
            await _allEnded.Task.WaitAsync(DisposeTimeMax).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Uninterruptible sleep. The kernel kills them when it lets go, and init reaps them.
            LogNotReaped(_workers.Count);
        }

        await _stragglers.DisposeAsync().ConfigureAwait(false);
        ProcSweep.KillAll(marks => marks.Instance == _options.InstanceId, DisposeTimeMax);
        if (_guard is not null)
            await _guard.CloseAsync().ConfigureAwait(false);

        // In this order: a restart of the guard that was scheduled finds a spawner, which finds that it is closing.
        _reactor.Dispose();
        _spawner.Dispose();
        _starter.Dispose();
    }

    private void Prepare()
    {
        _starter.FindSetpriv(_environment.ForGuard());
        if (_options.DataDirectory is { } directory &&
            LeftoverSweep.Run(directory, _options.InstanceId) is > 0 and var count)
            LogLeftovers(count, directory);
    }

    private WorkerProcess Add(WorkerProcess worker)
    {
        lock (_endGate)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (!_workers.TryAdd(worker.Id, worker))
                throw new InvalidOperationException($"worker {worker.Id} was already started");
            return worker;
        }
    }

    private LaunchPlan PlanWorker(WorkerProcess worker, string token) => new(
        worker.Pool.Command, _environment.ForWorker(worker.Id, worker.Pool, token),
        worker.Pool.WorkingDirectory is { Length: > 0 } directory ? directory : Environment.CurrentDirectory);

    private void LaunchExec(WorkerProcess worker, Assignment assignment)
    {
        if (!ExecPayload.TryRead(assignment.Payload, _options.ExecOutputBytesMax, out var request, out var error))
        {
            Fail(worker, new SpawnError(error));
            return;
        }

        var directory = request.Directory.Length > 0 ? request.Directory
            : worker.Pool.WorkingDirectory.Length > 0 ? worker.Pool.WorkingDirectory
            : _options.ExecDirectory;
        var environment = _environment.ForExec(worker.Id, worker.Pool, assignment.Attempt, request.Environment);
        worker.Exec = new ExecRun(request);
        Launch(worker, new LaunchPlan(request.Arguments, environment, directory), StartAgainMin);
    }

    private void Launch(WorkerProcess worker, LaunchPlan plan, TimeSpan startAgain)
    {
        if (_stopping)
        {
            Fail(worker, new SpawnError("the daemon is stopping"));
            return;
        }

        var kind = worker.Exec is { HasInput: true } ? StartKind.WorkerWithInput : StartKind.Worker;
        if (!_starter.TryStart(plan, kind, out var process, out var error))
        {
            if (error.IsForWantOfRoom && !worker.WasSignalled) LaunchLater(worker, plan, startAgain, error);
            else Fail(worker, error);
            return;
        }

        _guard?.Add(process.ProcessId);
        worker.BecomeRunning(process);
        _events.Spawned(worker.Id, process.ProcessId);
        _reactor.Post(() =>
        {
            _sampler.Add(worker);
            new WorkerWatch(_reactor, worker, _events, _buffer, OnReaped).Begin();
        });
    }

    /// <summary>
    /// Nothing has run, so nothing has failed: the attempt keeps its place and begins when others have ended. What ends
    /// attempts, and the boot timeout of workers, ends this too.
    /// </summary>
    private void LaunchLater(WorkerProcess worker, LaunchPlan plan, TimeSpan startAgain, SpawnError error)
    {
        if (_withoutRoom++ == 0 && startAgain == StartAgainMin)
            LogNoRoom(worker.Id, error.Message);
        var next = startAgain * 2 < StartAgainMax ? startAgain * 2 : StartAgainMax;
        _reactor.Post(() => _reactor.Schedule(startAgain, () => _spawner.Post(() =>
        {
            _withoutRoom--;
            Launch(worker, plan, next);
        })));
    }

    private void OnReaped(WorkerProcess worker, ChildEnd end, bool neverBecameCommand)
    {
        _sampler.Remove(worker);
        if (end is { ExitCode: null, Signal: null })
            LogReapedElsewhere(worker.Id, worker.ProcessId);

        if (neverBecameCommand)
        {
            _guard?.Remove(worker.ProcessId);
            var reason = worker.OutputTail.Trim();
            Fail(worker, SpawnError.NotExecutable(reason.Length > 0 ? reason : "the program could not be executed"));
            return;
        }

        var outOfMemory = end.Signal == LinuxSignal.Kill && !worker.WasKilled && _oom.HasRisen();
        _workers.TryRemove(worker.Id, out _);

        // First the word that lets a task run again, then the cleaning up.
        _events.Exited(
            worker.Id,
            new ProcessExit(
                end.ExitCode, end.Signal, outOfMemory, end.PeakResidentBytes, end.CpuTime, worker.OutputTail),
            worker.Exec?.Result(end));
        _guard?.Remove(worker.ProcessId);
        _stragglers.Add(worker.Id.ToString());
        NoteEnd();
    }

    private void Fail(WorkerProcess worker, SpawnError error)
    {
        _workers.TryRemove(worker.Id, out _);
        _events.SpawnFailed(worker.Id, error);
        NoteEnd();
    }

    private void NoteEnd()
    {
        lock (_endGate)
        {
            if (_stopping && _workers.IsEmpty)
                _allEnded.TrySetResult();
        }
    }

    private void Signal(WorkerId worker, int signal)
    {
        if (_workers.TryGetValue(worker, out var process))
            process.Signal(signal);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Killed {Count} processes that an earlier daemon on {Directory} left behind")]
    private partial void LogLeftovers(int count, string directory);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Worker {Worker} (process {ProcessId}) was reaped by somebody else; how it ended is not known")]
    private partial void LogReapedElsewhere(WorkerId worker, int processId);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Worker {Worker} cannot be started yet, and is tried again: {Reason}. Raise the limit that is " +
            "named (LimitNOFILE, TasksMax), or have fewer workers")]
    private partial void LogNoRoom(WorkerId worker, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} killed workers do not end")]
    private partial void LogNotReaped(int count);
}
