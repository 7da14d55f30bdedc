using Queued.Client;
using Queued.Worker;

namespace Queued.FaultyWorker;

/// <summary>Handlers that share things over the daemon that serves them, with nothing configured.</summary>
internal static class SharingDeeds
{
    /// <summary>
    /// Adds one to a value in two steps, which only the lock makes one, and tells what it was in a queue. The segment
    /// and the pipe of the same name are written to as well, where they are there.
    /// </summary>
    public static async Task<int> RaiseAsync(string name, TaskContext context)
    {
        var (client, stop) = (context.Client, context.CancellationToken);
        await using var gate = client.Lock(name + ".lock");
        await using var value = client.Value<int>(name);
        await using var grant = await gate.AcquireAsync(cancellationToken: stop);
        var raised = await value.GetAsync(stop) + 1;
        await value.SetAsync(raised, cancellationToken: stop);
        await using (var memory = await client.Memory.OpenAsync(name, stop))
            memory.Span[raised] = (byte)raised;
        await client.Queue<int>(name).PutAsync(raised, stop);
        return Environment.ProcessId;
    }

    /// <summary>Answers one message of a pipe.</summary>
    public static async Task<int> AnswerAsync(string pipe, TaskContext context)
    {
        await using var end = context.Client.Pipe<int>(pipe);
        var number = await end.ReceiveAsync(cancellationToken: context.CancellationToken);
        await end.SendAsync(number * 2, context.CancellationToken);
        return number;
    }

    /// <summary>Takes a lock, says so in a queue, and keeps it until it is asked to stop.</summary>
    public static async Task<int> HoldLockAsync(string name, TaskContext context)
    {
        await using var grant = await context.Client.Lock(name).AcquireAsync();
        await context.Client.Queue<int>(name).PutAsync(Environment.ProcessId);
        return await new TaskCompletionSource<int>().Task.WaitAsync(context.CancellationToken);
    }
}
