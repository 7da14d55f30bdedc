using System.Diagnostics;
using System.Globalization;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// The other end of queues and pipes: this program again, in a process of its own, that is driven as the peers are.
/// </summary>
internal static class Counterpart
{
    public const string Command = "counterpart";

    public static Task<Driver> StartAsync(BenchDaemon daemon, string role, string name) =>
        Driver.StartAsync(Environment.ProcessPath!, Command, daemon.Address, role, name);

    public static async Task<int> RunAsync(string address, string role, string name)
    {
        await using var client = new QueuedClient(new QueuedClientOptions { Address = address });
        switch (role)
        {
            case "consume":
                await ConsumeAsync(client.Queue<byte[]>(name));
                return 0;
            case "echo":
                await EchoAsync(client, int.Parse(name, CultureInfo.InvariantCulture));
                return 0;
            case "idle":
                await IdleAsync(address, int.Parse(name, CultureInfo.InvariantCulture));
                return 0;
            default:
                return 2;
        }
    }

    public static string PipeName(int number) => $"pipe-{number}";

    /// <summary>Gets as many messages as it is told, each of which must be there once.</summary>
    private static async Task ConsumeAsync(MessageQueue<byte[]> queue)
    {
        await using var messages = queue.ReadAllAsync().GetAsyncEnumerator();
        await ServeAsync(async count =>
        {
            var numbers = new Numbers(count);
            for (var left = count; left > 0; left--)
            {
                if (!await messages.MoveNextAsync()) throw new InvalidOperationException($"{left} did not come.");
                numbers.See(messages.Current);
            }

            numbers.SeenAll();
        });
    }

    /// <summary>Sends back whatever comes over the pipes, until each of them is closed.</summary>
    private static async Task EchoAsync(QueuedClient client, int count)
    {
        var echoes = new Task[count];
        for (var number = 0; number < count; number++)
        {
            var pipe = client.Pipe<byte[]>(PipeName(number));
            await pipe.OpenAsync();
            echoes[number] = EchoAsync(pipe);
        }

        await ServeAsync(_ => Task.CompletedTask);
    }

    private static async Task EchoAsync(PipeEnd<byte[]> pipe)
    {
        await using (pipe)
        {
            await foreach (var message in pipe.ReadAllAsync()) await pipe.SendAsync(message);
        }
    }

    /// <summary>Connections with a session each, on which nothing happens.</summary>
    private static async Task IdleAsync(string address, int count)
    {
        var clients = new List<QueuedClient>(count);
        for (var number = 0; number < count; number++)
        {
            var client = new QueuedClient(new QueuedClientOptions { Address = address });
            clients.Add(client);
            await client.Counter("idle").AddAsync(0);
        }

        await ServeAsync(_ => Task.CompletedTask);
        foreach (var client in clients) await client.DisposeAsync();
    }

    private static async Task ServeAsync(Func<int, Task> runAsync)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            var begun = Stopwatch.GetTimestamp();
            await runAsync(int.Parse(line, CultureInfo.InvariantCulture));
            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"seconds\":{seconds:0.000000000}}}"));
        }
    }
}
