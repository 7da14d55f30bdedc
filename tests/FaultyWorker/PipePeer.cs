using Queued.Client;

namespace Queued.FaultyWorker;

/// <summary>
/// The process at the other end of a pipe, until its part is played or somebody kills it. It says on its standard
/// output, a line at a time, how far it is.
/// </summary>
internal static class PipePeer
{
    public static async Task<int> RunAsync(string pipe, string part)
    {
        await using var client = new QueuedClient();
        await using var end = client.Pipe<byte[]>(pipe);
        await end.OpenAsync();
        Console.WriteLine("open");
        await PlayAsync(end, part.Split(':'));
        return 0;
    }

    /// <summary>Every byte of a message is the same, so that a part of one, or a mixture of two, shows.</summary>
    public static byte[] Message(int number, int length)
    {
        var message = new byte[length];
        Array.Fill(message, (byte)number);
        return message;
    }

    private static async Task PlayAsync(PipeEnd<byte[]> end, string[] part)
    {
        switch (part)
        {
            case ["hold"]:
                // Until it is killed, or the test's end of this pipe closes.
                await Console.In.ReadToEndAsync();
                break;
            case ["echo"]:
                await foreach (var message in end.ReadAllAsync())
                    await end.SendAsync(message);
                break;
            case ["flood", var length]:
                for (var number = 0; ; number++)
                    await end.SendAsync(Message(number, int.Parse(length, null)));
            case ["send-and-listen", var count]:
                for (var number = 0; number < int.Parse(count, null); number++)
                    await end.SendAsync(Message(number, 1));
                await end.CloseSendingAsync();
                await foreach (var message in end.ReadAllAsync())
                    Console.WriteLine(Convert.ToHexString(message));
                Console.WriteLine("end");
                break;
            default:
                throw new ArgumentException($"There is no part '{string.Join(':', part)}'.");
        }
    }
}
