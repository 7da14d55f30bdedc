using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Queued.Client.Maps;
using Queued.Client.ProcessPools;
using Queued.Client.Wire;

namespace Queued.Client;

/// <summary>
/// Runs functions of this program in other processes: a private daemon, and workers that are this program started
/// again. A worker that crashes, leaks or hangs hurts one attempt of one task. Nothing is left behind, no process and
/// no file, however this process ends. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// A function is a static method, or a lambda that uses nothing of the code around it; it takes one input and returns
/// one result, both of which travel as JSON (public properties and fields). The workers are taken over before Main by a
/// startup hook; where there are none (native AOT)
/// <see cref="StartAsync(int, ProcessPoolOptions?, CancellationToken)"/> does it: call it first in Main.
/// </para>
/// <para>
/// Every method throws <see cref="ArgumentException"/> for a function that other processes cannot have,
/// <see cref="TaskUnsuccessfulException"/> where a result is asked for and there is none,
/// <see cref="UnreadableResultException"/> where it cannot be read as its type,
/// <see cref="DaemonUnavailableException"/> where the daemon is gone, and <see cref="OperationCanceledException"/> for
/// the caller's token.
/// </para>
/// </remarks>
/// <example><code>
/// await using var pool = await ProcessPool.StartAsync(4);
/// await foreach (var square in pool.MapAsync(static (int x) => x * x, Enumerable.Range(1, 10)))
///     Console.WriteLine(square);
/// </code></example>
public sealed partial class ProcessPool : IAsyncDisposable
{
    private const string Trimming =
        "The workers find functions by their names, which trimming may remove. Keep them with DynamicDependency.";
    private const string PoolName = "process-pool";
    private const string ExecPoolName = "exec";
    private static readonly TimeSpan ReadyPoll = TimeSpan.FromMilliseconds(10);

    private readonly PrivateDaemon _daemon;
    private readonly QueuedClient _client;
    private readonly PayloadJson _json;

    private ProcessPool(PrivateDaemon daemon, QueuedClient client, PayloadJson json)
    {
        _daemon = daemon;
        _client = client;
        _json = json;
    }

    /// <summary>The pool's name in the private daemon.</summary>
    public string Name { get; } = PoolName;

    /// <summary>A client of the private daemon, for all that can be done with one. Disposed with the pool.</summary>
    public IQueuedClient Client => _client;

    /// <summary>Starts a private daemon and workers, and completes when the first worker is ready.</summary>
    /// <param name="workers">How many worker processes, 1 to 1024.</param>
    /// <param name="options">Everything else. Null: all defaults.</param>
    /// <param name="cancellationToken">Stops the start; nothing is left.</param>
    /// <exception cref="ArgumentException">
    /// Options have values that are not allowed; the message names all of them.
    /// </exception>
    /// <exception cref="FileNotFoundException">
    /// The daemon's program was not found; the message says where it was looked for.
    /// </exception>
    /// <exception cref="DaemonUnavailableException">
    /// The daemon cannot be run, or it or the workers did not get ready; the message says what they said.
    /// </exception>
    [RequiresUnreferencedCode(Trimming)]
    [RequiresDynamicCode(Trimming)]
    public static Task<ProcessPool> StartAsync(
        int workers, ProcessPoolOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync((options ?? new ProcessPoolOptions()) with { Workers = workers }, cancellationToken);

    /// <inheritdoc cref="StartAsync(int, ProcessPoolOptions?, CancellationToken)"/>
    /// <param name="options">How. Null: all defaults, which are one worker for each processor.</param>
    /// <param name="cancellationToken">Stops the start; nothing is left.</param>
    [RequiresUnreferencedCode(Trimming)]
    [RequiresDynamicCode(Trimming)]
    public static async Task<ProcessPool> StartAsync(
        ProcessPoolOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ProcessPoolOptions();
        options.Validate();
        if (ProcessPoolWorker.IsWanted)
            Environment.Exit(ProcessPoolWorker.Run(options.JsonTypeInfoResolver));

        var command = DaemonLocator.Find(
            options.DaemonPath, Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
        var begun = Stopwatch.GetTimestamp();
        var daemon = await PrivateDaemon.StartAsync(
            command, options.StartTimeout, cancellationToken).ConfigureAwait(false);
        var json = ProcessPoolWorker.Json(options.JsonTypeInfoResolver);
        var client = new QueuedClient(new QueuedClientOptions
        {
            Address = daemon.Address,
            JsonSerializerOptions = json,
            ReconnectTimeout = TimeSpan.Zero,
        });
        var pool = new ProcessPool(daemon, client, new PayloadJson(json));
        try
        {
            await pool.StartWorkersAsync(options, begun, cancellationToken).ConfigureAwait(false);
            return pool;
        }
        catch
        {
            await pool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends the workers at once, whatever they run, and the daemon; completes when they are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync().ConfigureAwait(false);
        await _daemon.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StartWorkersAsync(ProcessPoolOptions options, long begun, CancellationToken cancellationToken)
    {
        var left = options.StartTimeout - Stopwatch.GetElapsedTime(begun);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        PoolInfo? pool = null;
        try
        {
            pool = await CreatePoolsAsync(options, patience.Token).ConfigureAwait(false);
            while (pool.ReadyCount == 0)
            {
                if (pool.State == PoolState.Broken)
                    throw NotReady($"they do not start. {pool.LastBootError}");
                await Task.Delay(ReadyPoll, patience.Token).ConfigureAwait(false);
                pool = await Client.Pools.GetAsync(PoolName, patience.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NotReady(
                $"none was ready within {options.StartTimeout} of the start of the daemon. {pool?.LastBootError}");
        }
    }

    private async Task<PoolInfo> CreatePoolsAsync(ProcessPoolOptions options, CancellationToken cancellationToken)
    {
        var hooks = Environment.GetEnvironmentVariable(ProcessPoolWorker.HooksVariable);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ProcessPoolWorker.Variable] = "1",
            [ProcessPoolWorker.HooksVariable] =
                string.IsNullOrEmpty(hooks)
                    ? ProcessPoolWorker.Hook
                    : hooks + Path.PathSeparator + ProcessPoolWorker.Hook,
        };
        var pool = await Client.Pools.CreateAsync(
            new PoolSpec
            {
                Name = PoolName,
                Size = options.Workers,
                Command = options.Command ?? ProgramCommand.Find(),
                Environment = environment,
                WorkingDirectory = Environment.CurrentDirectory,
                BootTimeout = options.StartTimeout < TimeSpan.FromMilliseconds(100)
                    ? TimeSpan.FromMilliseconds(100)
                    : options.StartTimeout,
                TasksMax = options.TasksMax,
                AgeMax = options.AgeMax,
                MemorySoftBytes = options.MemorySoftBytes,
                MemoryHardBytes = options.MemoryHardBytes,
            },
            cancellationToken).ConfigureAwait(false);
        await CreateExecPoolAsync(options.Workers, cancellationToken).ConfigureAwait(false);
        return pool;
    }

    private async Task CreateExecPoolAsync(int size, CancellationToken cancellationToken)
    {
        try
        {
            var pool = new PoolSpec { Name = ExecPoolName, Size = size, Exec = true, Queues = [ExecPoolName] };
            await Client.Pools.CreateAsync(pool, cancellationToken).ConfigureAwait(false);
        }
        catch (ConflictException)
        {
            // The daemon has one of its own.
        }
    }

    private DaemonUnavailableException NotReady(string why) => new(
        new ErrorDetails(
            ErrorMapping.Unreachable,
            $"The workers of the process pool did not get ready: {why}\n{_daemon.ReadTail()}".TrimEnd())
        {
            IsTransient = true,
        });

    private MapCodec<TIn, TOut> Codec<TIn, TOut>(Delegate function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return CallPayload.Codec(MethodReference.From(function), _json.Info<TIn>(), _json.Info<TOut>());
    }
}
