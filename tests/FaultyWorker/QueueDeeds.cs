using System.Globalization;
using Queued.Client;

namespace Queued.FaultyWorker;

/// <summary>What a process does with a queue until it is killed, told on stdout.</summary>
internal static class QueueDeeds
{
    public static async Task<int> RunAsync(string deed, string name)
    {
        await using var client = new QueuedClient();
        var queue = client.Queue<int>(name);
        switch (deed)
        {
            case "put-for-ever":
                for (var number = 0; ; number++)
                {
                    await queue.PutAsync(number);
                    Say("put", number);
                }

            case "put-many-for-ever":
                for (var first = 0; ; first += 1000)
                {
                    await queue.PutManyAsync(Enumerable.Range(first, 1000));
                    Say("put", first + 999);
                }

            case "get":
                Say("got", await queue.GetAsync());
                return 0;
            case "hold":
                for (var count = 0; ; count++)
                {
                    var message = await queue.ReceiveAsync();
                    Say("holds", message.Value);
                }

            case "read-all":
                await foreach (var number in queue.ReadAllAsync())
                    Say("got", number);
                return 0;
            default:
                throw new ArgumentException($"Nothing is called {deed}.");
        }
    }

    private static void Say(string what, int number)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {number}"));
        Console.Out.Flush();
    }
}
