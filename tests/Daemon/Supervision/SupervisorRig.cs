using System.Collections.Concurrent;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Queued.Broker;
using Queued.Daemon.Supervision;
using Queued.Protocol.V1;

namespace Queued.Daemon.Tests.Supervision;

/// <summary>A supervisor with real processes, in a directory of its own. Leaves nothing behind.</summary>
internal sealed class SupervisorRig : IAsyncDisposable
{
    private ulong _lastWorker;

    public SupervisorRig(Func<SupervisorOptions, SupervisorOptions>? change = null)
    {
        var options = new SupervisorOptions
        {
            SocketPath = Path.Combine(Directory, "queued.sock"),
            InstanceId = InstanceId,
            ExecDirectory = Directory,
            GuardEnabled = false,
            SelfCommand = DaemonCommand,
            SampleInterval = TimeSpan.FromMilliseconds(20),
        };
        Supervisor = new Supervisor(change?.Invoke(options) ?? options, Events, Log);
    }

    public static IReadOnlyList<string> DaemonCommand { get; } =
        ["dotnet", Path.Combine(AppContext.BaseDirectory, "queued.dll")];

    public string InstanceId { get; } = $"test-{Guid.NewGuid():n}";

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("queued-test-").FullName;

    public RecordedEvents Events { get; } = new();

    public RecordedLog Log { get; } = new();

    public Supervisor Supervisor { get; }

    public WorkerId Start(params string[] command) => Start(new PoolSettings { Name = "pool", Command = command });

    public WorkerId StartShell(string script) => Start("sh", "-c", script);

    public WorkerId Start(PoolSettings pool)
    {
        var worker = new WorkerId(++_lastWorker);
        Supervisor.Start(worker, pool.WorkingDirectory.Length > 0 ? pool : pool with { WorkingDirectory = Directory });
        return worker;
    }

    public WorkerId StartExec(TaskPayload payload, PoolSettings? pool = null)
    {
        var worker = new WorkerId(++_lastWorker);
        Supervisor.StartExec(worker, pool ?? new PoolSettings { Name = "exec", Exec = true }, new Broker.Assignment
        {
            Attempt = new AttemptId(new TaskId(7), 1),
            Target = new Broker.AssignmentTarget("exec", "exec"),
            Payload = payload,
        });
        return worker;
    }

    public WorkerId StartExec(ExecCommand command) =>
        StartExec(new TaskPayload(command.ToByteArray(), ExecPayload.ProtobufType));

    public async Task<ExecResult> RunExecAsync(ExecCommand command)
    {
        var end = await Events.EndedAsync(StartExec(command));
        Assert.Null(end.SpawnFailure);
        Assert.Equal(ExecPayload.ProtobufType, end.ExecResult!.Value.ContentType);
        return ExecResult.Parser.ParseFrom(end.ExecResult.Value.Data.Span);
    }

    public Task<WorkerEnd> RunShellAsync(string script) => Events.EndedAsync(StartShell(script));

    /// <summary>Waits until the worker's standard output holds the text.</summary>
    public Task WroteAsync(WorkerId worker, string text) => Eventually.IsTrueAsync(
        () => Events.OutputOf(worker, OutputSource.Stdout).Contains(text), $"it wrote {text}");

    /// <summary>Processes that this rig's daemon started, or their descendants.</summary>
    public int[] LiveProcesses() => Processes.WithEnvironment($"QUEUED_INSTANCE={InstanceId}");

    public string PathOf(string name) => Path.Combine(Directory, name);

    /// <summary>A process id that a script has written down.</summary>
    public async Task<int> ProcessIdInAsync(string name)
    {
        await Eventually.IsTrueAsync(
            () => File.Exists(PathOf(name)) && File.ReadAllText(PathOf(name)).EndsWith('\n'), $"{name} is written");
        return int.Parse(await File.ReadAllTextAsync(PathOf(name)), System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await Supervisor.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
        Assert.Empty(LiveProcesses());
    }
}

/// <summary>What was logged at warning or above.</summary>
internal sealed class RecordedLog : ILogger<Supervisor>
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Lines.Enqueue(formatter(state, exception));
    }
}

/// <summary>What /proc says.</summary>
internal static class Processes
{
    public static bool IsAlive(int processId) => StateOf(processId) is not ('Z' or 'X' or ' ');

    /// <summary>Children of this process that have ended and were not reaped.</summary>
    public static int Zombies() =>
        All().Count(id => StateOf(id) == 'Z' && FieldOf(id, 1) == $"{Environment.ProcessId}");

    public static int[] WithEnvironment(string variable) =>
        [.. All().Where(id => ReadOf(id, "environ").Split('\0').Contains(variable))];

    public static string[] Descriptors(int processId) =>
        [.. Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd").Select(path => path.Split('/')[^1]).Order()];

    /// <summary>
    /// Of this process: the pipes, process handles, polls and wake-ups, which are all that supervision opens. Sockets
    /// and files come and go with the runtime and with what other tests left to it.
    /// </summary>
    public static IReadOnlyDictionary<string, int> SupervisionDescriptors() =>
        Directory.EnumerateFileSystemEntries($"/proc/{Environment.ProcessId}/fd")
            .Select(path => new FileInfo(path).LinkTarget ?? "")
            .Select(target => target.StartsWith("pipe:", StringComparison.Ordinal) ? "pipe" : target)
            .Where(kind => kind == "pipe" || kind.StartsWith("anon_inode:", StringComparison.Ordinal))
            .GroupBy(kind => kind).ToDictionary(kind => kind.Key, kind => kind.Count());

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0).Where(id => id > 0);

    private static char StateOf(int processId) => FieldOf(processId, 0) is [var state, ..] ? state : ' ';

    // After the name, which may hold anything.
    private static string FieldOf(int processId, int index) =>
        ReadOf(processId, "stat") is { Length: > 0 } text ? text[(text.LastIndexOf(')') + 2)..].Split(' ')[index] : "";

    private static string ReadOf(int processId, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{processId}/{file}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or not ours to look at.
            return "";
        }
    }
}
