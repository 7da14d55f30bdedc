using System.Collections;
using Queued.Broker;

namespace Queued.Daemon.Supervision;

/// <summary>The environment that workers and exec commands get.</summary>
internal sealed class WorkerEnvironment(SupervisorOptions options)
{
    internal const string Instance = "QUEUED_INSTANCE";
    internal const string Worker = "QUEUED_WORKER_ID";
    internal const string Data = "QUEUED_DATA";
    internal const string Prefix = "QUEUED_";

    /// <summary>
    /// For workers that are .NET programs, where neither the pool nor the daemon's own environment says otherwise: no
    /// spinning of threads that have nothing to do, and none of the collector's that runs beside the tasks. Workers
    /// share their cores with the daemon and with each other (docs/adr/0009).
    /// </summary>
    private static readonly (string Name, string Value)[] RuntimeDefaults =
    [
        ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0"),
        ("DOTNET_gcConcurrent", "0"),
    ];

    private static readonly string[] ExecAllowed = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "LOGNAME", "SHELL"];

    private readonly Dictionary<string, string> _own = ReadOwn();

    /// <summary>The daemon's own, the pool's on top, and what makes it a worker of this daemon.</summary>
    internal Dictionary<string, string> ForWorker(WorkerId worker, PoolSettings pool, string token)
    {
        var environment = new Dictionary<string, string>(_own);
        foreach (var (name, value) in RuntimeDefaults)
            environment.TryAdd(name, value);
        Add(environment, pool.Environment);
        Mark(environment, worker, pool);
        environment["QUEUED_WORKER_TOKEN"] = token;
        return environment;
    }

    /// <summary>
    /// A few of the daemon's own, the pool's, the command's. No token: an exec command is no worker on the wire.
    /// </summary>
    internal Dictionary<string, string> ForExec(
        WorkerId worker, PoolSettings pool, AttemptId attempt, IReadOnlyDictionary<string, string> command)
    {
        var environment = new Dictionary<string, string>();
        foreach (var (name, value) in _own)
        {
            if (ExecAllowed.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal))
                environment[name] = value;
        }

        Add(environment, pool.Environment);
        Add(environment, command);
        Mark(environment, worker, pool);
        environment["QUEUED_TASK_ID"] = attempt.Task.ToString();
        return environment;
    }

    /// <summary>
    /// Nothing by which a sweep, ours or that of a daemon whose worker we are, would take it for a worker.
    /// </summary>
    internal Dictionary<string, string> ForGuard() =>
        _own.Where(variable => !variable.Key.StartsWith(Prefix, StringComparison.Ordinal)).ToDictionary();

    private void Mark(Dictionary<string, string> environment, WorkerId worker, PoolSettings pool)
    {
        environment["QUEUED_SOCKET"] = options.SocketPath;
        environment["QUEUED_POOL"] = pool.Name;
        environment[Worker] = worker.ToString();
        environment[Instance] = options.InstanceId;
        if (options.DataDirectory is { } directory)
            environment[Data] = directory;
    }

    private static void Add(Dictionary<string, string> environment, IReadOnlyDictionary<string, string>? more)
    {
        if (more is null)
            return;
        foreach (var (name, value) in more)
            environment[name] = value;
    }

    private static Dictionary<string, string> ReadOwn()
    {
        var own = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            own[(string)variable.Key] = (string?)variable.Value ?? "";
        return own;
    }
}
