using System.Globalization;
using Queued.Client;

namespace Queued.FaultyWorker;

/// <summary>
/// A process that writes the numbers from 1 on into shared state, each in one step, and says which it has written,
/// until it is killed.
/// </summary>
internal static class StateDeeds
{
    public static async Task<int> KeepWritingAsync(string kind, string name)
    {
        await using var client = new QueuedClient();
        Func<int, Task> write = kind switch
        {
            "counter" => async number => await client.Counter(name).SetAsync(number),
            "value" => async number => await client.Value<int>(name).SetAsync(number),
            "array" => number => client.Array<int>(name, 10_000).WriteAsync(
                0, Enumerable.Repeat(number, 10_000).ToArray()),
            "map" => number => client.Map<int>(name).SetManyAsync(
                Enumerable.Range(0, 500).Select(key => KeyValuePair.Create($"k{key}", number))),
            "list" => number => client.List<int>(name).AddRangeAsync(Enumerable.Repeat(number, 10)),
            _ => throw new ArgumentException($"Nothing is called {kind}."),
        };
        for (var number = 1; ; number++)
        {
            await write(number);
            Console.Out.WriteLine(number.ToString(CultureInfo.InvariantCulture));
            Console.Out.Flush();
        }
    }
}
