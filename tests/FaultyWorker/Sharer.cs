using System.Globalization;
using Queued.Client;

namespace Queued.FaultyWorker;

/// <summary>
/// A process that shares state as it is told: one command in a line of stdin, one answer in a line of stdout.
/// </summary>
internal static class Sharer
{
    public static async Task<int> RunAsync()
    {
        await using var client = new QueuedClient();
        var hands = new Hands(client);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            await Console.Out.WriteLineAsync(await hands.DoAsync(line.Split(' ')));
            await Console.Out.FlushAsync();
        }

        return 0;
    }

    private sealed class Hands(QueuedClient client)
    {
        private readonly Stack<Grant> _grants = new();
        private readonly List<Message<int>> _held = [];
        private SharedRLock? _reentrant;

        public async Task<string> DoAsync(string[] words)
        {
            try
            {
                return await CarryAsync(words);
            }
            catch (QueuedException exception)
            {
                return exception.Reason;
            }
        }

        private async Task<string> CarryAsync(string[] words) => words switch
        {
            ["lock", var name] => await HoldAsync(client.Lock(name)),
            ["lock", var name, var lease] => await HoldAsync(
                client.Lock(name), TimeSpan.FromMilliseconds(Number(lease))),
            ["semaphore", var name, var permits] => await HoldAsync(client.Semaphore(name, Number(permits))),
            ["bounded", var name, var permits] => await HoldAsync(client.BoundedSemaphore(name, Number(permits))),
            ["rlock", var name] => await HoldAsync(_reentrant ??= client.RLock(name)),
            ["condition", var name] => await HoldAsync(client.Condition(name)),
            ["wait", var name] => Text(await client.Condition(name).WaitAsync(_grants.Peek())) + " " + Token(),
            ["notify", var name, var count] => Text(await client.Condition(name).NotifyAsync(Number(count))),
            ["release"] => await ReleaseAsync(),
            ["lost"] => Text(_grants.Peek().Lost.IsCancellationRequested),
            ["write", var path, var text] => Write(path, _grants.Peek().FencingToken, text),
            ["write", var path, var token, var text] => Write(
                path, ulong.Parse(token, CultureInfo.InvariantCulture), text),
            ["barrier", var name, var parties] => Text(await client.Barrier(name, Number(parties)).WaitAsync()),
            ["event", var name] => Text(await client.Event(name).WaitAsync()),
            ["add", var name, var times] => await AddAsync(client.Counter(name), Number(times)),
            ["raise", var name, var times] => await RaiseAsync(name, Number(times)),
            ["set", var name] => await SetAsync(name),
            ["put", var name, var number] => await PutAsync(name, Number(number)),
            ["take", var name] => await client.Queue<int>(name).TryGetAsync() is { HasValue: true, Value: var taken }
                ? Text(taken)
                : "none",
            ["receive", var name] => await ReceiveAsync(name),
            ["any", .. var targets] => string.Join(' ', await client.WaitAnyAsync(targets.Select(Target).ToArray())),
            _ => throw new ArgumentException($"Nobody knows how to {string.Join(' ', words)}."),
        };

        private async Task<string> HoldAsync(SharedAcquirable shared, TimeSpan? lease = null)
        {
            _grants.Push(await shared.AcquireAsync(lease: lease));
            return Token();
        }

        private async Task<string> ReleaseAsync()
        {
            await _grants.Pop().ReleaseAsync();
            return "released";
        }

        private async Task<string> SetAsync(string name)
        {
            await client.Event(name).SetAsync();
            return "set";
        }

        private async Task<string> PutAsync(string name, int number)
        {
            await client.Queue<int>(name).PutAsync(number);
            return "put";
        }

        private async Task<string> ReceiveAsync(string name)
        {
            _held.Add(await client.Queue<int>(name).ReceiveAsync());
            return Text(_held[^1].Value);
        }

        private WaitTarget Target(string word) => word.Split(':') switch
        {
            ["queue", var name] => WaitTarget.Queue(client.Queue<int>(name)),
            ["event", var name] => WaitTarget.Event(client.Event(name)),
            _ => throw new ArgumentException($"Nobody knows how to wait for {word}."),
        };

        private string Token() => Text(_grants.Peek().FencingToken);

        private static string Write(string path, ulong token, string text)
        {
            var highest = FencedFile.Write(path, token, text);
            return highest == 0 ? "written" : "refused";
        }

        private static async Task<string> AddAsync(SharedCounter counter, int times)
        {
            for (var done = 0; done < times; done++)
                await counter.AddAsync();
            return "added";
        }

        /// <summary>Reads and writes a value in two steps, which only the lock makes one.</summary>
        private async Task<string> RaiseAsync(string name, int times)
        {
            var (gate, value) = (client.Lock(name + ".lock"), client.Value<int>(name));
            for (var done = 0; done < times; done++)
            {
                await using (await gate.AcquireAsync())
                    await value.SetAsync(await value.GetAsync() + 1);
            }

            return "raised";
        }

        private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

        private static string Text<T>(T value)
            where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

        private static string Text(bool value) => value ? "yes" : "no";
    }
}
