using System.Text;
using Queued.Daemon.Supervision.Native;

namespace Queued.Daemon.Supervision;

/// <summary>
/// The daemon's side of the guard: starts it, tells it of each process group, and starts it again should it die. What
/// it was told is kept here, so that a new one knows as much.
/// </summary>
internal sealed partial class GuardLink(
    SupervisorOptions options, WorkerEnvironment environment, SpawnerThread spawner, ProcessStarter starter,
    Reactor reactor, ILogger logger)
{
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTimeMax = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<int> _groups = [];
    private readonly HashSet<string> _paths = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StartedProcess? _process;
    private int _pipe = Descriptor.None;
    private bool _closing;

    internal int? ProcessId => _process?.ProcessId;

    internal void Start() => spawner.Post(StartNow);

    internal void Add(int group)
    {
        lock (_gate)
        {
            _groups.Add(group);
            Tell($"+{group}\n");
        }
    }

    internal void Remove(int group)
    {
        lock (_gate)
        {
            _groups.Remove(group);
            Tell($"-{group}\n");
        }
    }

    /// <summary>The path is gone after the daemon, however that ends.</summary>
    internal void RemoveAtEnd(string path)
    {
        lock (_gate)
        {
            _paths.Add(path);
            Tell($"rm {path}\n");
        }
    }

    /// <summary>Lets it finish and waits for it.</summary>
    internal async Task CloseAsync()
    {
        lock (_gate)
        {
            _closing = true;
            Descriptor.Close(ref _pipe);
            if (_process is null)
                _ended.TrySetResult();
        }

        try
        {
            await _ended.Task.WaitAsync(CloseTimeMax).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogStuck();
            Kill();
            await _ended.Task.ConfigureAwait(false);
        }
    }

    private void StartNow()
    {
        lock (_gate)
        {
            if (_closing)
            {
                _ended.TrySetResult();
                return;
            }
        }

        var plan = new LaunchPlan(
            [.. options.SelfCommand, GuardProcess.Verb, options.InstanceId], environment.ForGuard(), "/");
        if (!starter.TryStart(plan, StartKind.Guard, out var process, out var error))
        {
            LogNotStarted(error.Message);
            reactor.Post(() => reactor.Schedule(RestartDelay, Start));
            return;
        }

        lock (_gate)
        {
            _process = process;
            _pipe = process.Stdin;
            foreach (var group in _groups)
                Tell($"+{group}\n");
            foreach (var path in _paths)
                Tell($"rm {path}\n");
            if (_closing)
                Descriptor.Close(ref _pipe);
        }

        reactor.Post(() => Watch(process));
    }

    private void Watch(StartedProcess process)
    {
        ulong key = 0;
        key = reactor.Watch(process.Pidfd, Epoll.Readable, () =>
        {
            reactor.Unwatch(key, process.Pidfd);
            OnEnded(process);
        });
    }

    private void OnEnded(in StartedProcess process)
    {
        ChildProcess.ReapAtEnd(process.ProcessId);
        var pidfd = process.Pidfd;
        Descriptor.Close(ref pidfd);
        lock (_gate)
        {
            _process = null;
            Descriptor.Close(ref _pipe);
            if (_closing)
            {
                _ended.TrySetResult();
                return;
            }
        }

        LogDied(process.ProcessId);
        reactor.Schedule(RestartDelay, Start);
    }

    // Lines are shorter than what a pipe takes or refuses as a whole.
    private void Tell(string line)
    {
        if (_pipe < 0 || Descriptor.Write(_pipe, Encoding.UTF8.GetBytes(line)) is not null)
            return;

        // It has stopped reading. A new one is told everything again.
        LogStuck();
        Descriptor.Close(ref _pipe);
        Kill();
    }

    private void Kill()
    {
        lock (_gate)
        {
            if (_process is { } process)
                ChildProcess.SignalGroup(process.ProcessId, LinuxSignal.Kill);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The guard could not be started, will try again: {Reason}")]
    private partial void LogNotStarted(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The guard (process {ProcessId}) died, starting another")]
    private partial void LogDied(int processId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The guard does not answer, killing it")]
    private partial void LogStuck();
}
