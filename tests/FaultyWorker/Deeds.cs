using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Queued.Client;
using Queued.Worker;

namespace Queued.FaultyWorker;

/// <summary>What the handlers do. Every fault first says its name on stderr.</summary>
internal static class Deeds
{
    private const int BlockBytes = 1024 * 1024;

    /// <summary>
    /// A handler whose input says how many of its attempts have the fault. The next one gives the worker's process id.
    /// </summary>
    public static Func<int, TaskContext, Task<int>> Dies(Action fault) => (faultyAttempts, context) => Task.Run(() =>
    {
        if (context.Attempt <= faultyAttempts)
        {
            Console.Out.WriteLine($"out of attempt {context.Attempt}");
            Console.Error.WriteLine($"{context.Handler} in attempt {context.Attempt}");
            fault();
        }

        return Environment.ProcessId;
    });

    /// <summary>Tells the gate that it is there and waits until the gate opens, or it is cancelled.</summary>
    public static async Task<int> HoldAsync(string gate, TaskContext context)
    {
        await PassAsync(gate, context.CancellationToken);
        return Environment.ProcessId;
    }

    /// <summary>The same, but nothing except the gate ends it.</summary>
    public static async Task<int> IgnoreCancelAsync(string gate, TaskContext context)
    {
        await PassAsync(gate, CancellationToken.None);
        return Environment.ProcessId;
    }

    public static async Task<int> WriteTwoLinesAsync(string gate, TaskContext context)
    {
        Console.Out.WriteLine("before");
        await PassAsync(gate, context.CancellationToken);
        Console.Error.WriteLine("after");
        context.Log("logged");
        return Environment.ProcessId;
    }

    /// <summary>As many bytes on stdout without the end of a line, and on stderr in lines.</summary>
    public static async Task<long> FloodAsync(long bytes, TaskContext context)
    {
        var wide = new byte[BlockBytes];
        Array.Fill(wide, (byte)'x');
        var lines = new byte[BlockBytes];
        Array.Fill(lines, (byte)'y');
        for (var end = 99; end < lines.Length; end += 100)
            lines[end] = (byte)'\n';
        await Task.WhenAll(
            WriteAsync(Console.OpenStandardOutput(), wide, bytes),
            WriteAsync(Console.OpenStandardError(), lines, bytes));
        return bytes;
    }

    /// <summary>
    /// One child in the worker's group, one in a session of its own, one whose parent has ended. All have the worker's
    /// stdout and stderr.
    /// </summary>
    public static bool StartChildren()
    {
        const string script = "sleep 1000 & setsid sleep 1000 & (setsid sh -c 'sleep 1000 & sleep 1000' &); exit 0";
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { UseShellExecute = false })!;
        shell.WaitForExit();
        return true;
    }

    public static void LeaveChildren()
    {
        StartChildren();
        Environment.Exit(7);
    }

    public static void EatMemory()
    {
        var eaten = new List<nint>();
        while (true)
        {
            var block = Marshal.AllocHGlobal(BlockBytes);
            Marshal.Copy(new byte[BlockBytes], 0, block, BlockBytes);
            eaten.Add(block);
        }
    }

    public static void Loop()
    {
        var rounds = 0L;
        while (true)
            rounds++;
    }

    /// <summary>A task that waits for a task of its own pool, as deep as its input says.</summary>
    public static async Task<int> NestAsync(int depth, TaskContext context)
    {
        if (depth == 0)
            return 0;
        await using var client = new QueuedClient();
        var options = new SubmitOptions { Queue = context.Queue };
        return 1 + await client.RunAsync<int, int>("nest", depth - 1, options, context.CancellationToken);
    }

    private static async Task PassAsync(string gate, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(gate), cancellationToken);
        await socket.ReceiveAsync(new byte[1], cancellationToken);
    }

    private static async Task WriteAsync(Stream stream, byte[] block, long bytes)
    {
        for (var left = bytes; left > 0; left -= block.Length)
            await stream.WriteAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)));
    }
}
