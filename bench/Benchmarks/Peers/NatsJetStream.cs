using System.Collections.Concurrent;
using System.Globalization;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Queued.Benchmarks;

/// <summary>
/// JetStream as a queue of tasks, with the client that its makers have for .NET: a work queue in memory, two workers
/// that pull, and acknowledge each message, and send what it was to a subject that this process listens to.
/// </summary>
internal sealed class NatsJetStream : Contender
{
    public const string WorkerCommand = "nats-worker";

    private const string Stream = "TASKS";
    private const string Tasks = "tasks";
    private const string Results = "results";
    private const string Consumer = "workers";
    private const int Workers = 2;
    private const int UnderWay = 1024;
    private const int Pulled = 256;

    private readonly PeerPlace _place = new();
    private readonly List<Driver> _workers = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _waiting = new();
    private readonly bool _isOneByOne;
    private NatsConnection? _connection;
    private NatsJSContext? _jetStream;
    private Task _receiving = Task.CompletedTask;

    public NatsJetStream(string name, bool isOneByOne)
        : base(name)
    {
        _isOneByOne = isOneByOne;
        WarmUp = BenchOptions.CompiledWarmUp;
    }

    public override async Task StartAsync()
    {
        var port = Programs.FreePort();
        var url = $"nats://127.0.0.1:{port}";
        await _place.AddAsync(Leash.StartAsync(
            port, "nats-server", "--addr", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture),
            "--jetstream", "--store_dir", _place.Folder));
        _connection = Connect(url);
        _jetStream = new NatsJSContext(_connection);
        await _jetStream.CreateStreamAsync(new StreamConfig(Stream, [Tasks])
        {
            Storage = StreamConfigStorage.Memory,
            Retention = StreamConfigRetention.Workqueue,
        });
        await _jetStream.CreateOrUpdateConsumerAsync(Stream, new ConsumerConfig(Consumer)
        {
            AckPolicy = ConsumerConfigAckPolicy.Explicit,
            MaxAckPending = 8 * Pulled,
        });
        var subscription = await _connection.SubscribeCoreAsync<byte[]>(Results);
        _receiving = ReceiveAsync(subscription);
        for (var worker = 0; worker < Workers; worker++)
            _workers.Add(await Driver.StartAsync(Environment.ProcessPath!, WorkerCommand, url));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) await worker.DisposeAsync();
        if (_connection is not null) await _connection.DisposeAsync();
        await _receiving;
        await _place.DisposeAsync();
    }

    /// <summary>A worker, until its input ends.</summary>
    public static async Task<int> RunWorkerAsync(string url)
    {
        await using var connection = Connect(url);
        var consumer = await new NatsJSContext(connection).GetConsumerAsync(Stream, Consumer);
        using var end = new CancellationTokenSource();
        var working = Task.Run(async () =>
        {
            var options = new NatsJSConsumeOpts { MaxMsgs = Pulled };
            await foreach (var message in consumer.ConsumeAsync<byte[]>(opts: options, cancellationToken: end.Token))
            {
                await connection.PublishAsync(Results, message.Data, cancellationToken: end.Token);
                await message.AckAsync(cancellationToken: end.Token);
            }
        });
        Console.WriteLine("ready");
        var input = Task.Run(Console.In.ReadToEnd);
        if (await Task.WhenAny(input, working) == working) await working;
        await end.CancelAsync();
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    protected override IEnumerable<int> Processes() =>
    [
        Environment.ProcessId,
        .. ProcessTree.Of([
            .. _place.Servers.Select(server => server.ProcessId), .. _workers.Select(worker => worker.ProcessId)]),
    ];

    protected override async Task<Lap> WorkAsync(int count)
    {
        var numbers = new Numbers(count);
        try
        {
            var lap = _isOneByOne
                ? await Rounds.OneByOneAsync(count, async number => await RunAsync(number, numbers))
                : await Rounds.ManyAsync(count, UnderWay, (_, number) => RunAsync(number, numbers));
            numbers.SeenAll();
            return lap;
        }
        catch (Exception exception) when (exception is NatsException or TimeoutException)
        {
            throw new PeerFailedException($"{exception.Message}\n{_place.Servers[0].Output}");
        }
    }

    private static NatsConnection Connect(string url) => new(new NatsOpts { Url = url });

    private async Task RunAsync(int number, Numbers numbers)
    {
        var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[number] = back;
        var acknowledged = await _jetStream!.PublishAsync(Tasks, Numbers.Payload(number));
        acknowledged.EnsureSuccess();
        await back.Task.WaitAsync(TimeSpan.FromMinutes(1));
        numbers.See(number);
    }

    private async Task ReceiveAsync(INatsSub<byte[]> subscription)
    {
        await foreach (var message in subscription.Msgs.ReadAllAsync())
        {
            var number = BitConverter.ToInt32(message.Data!);
            if (!_waiting.TryRemove(number, out var back))
                throw new PeerFailedException($"{number} came back twice.");
            back.SetResult();
        }
    }
}
