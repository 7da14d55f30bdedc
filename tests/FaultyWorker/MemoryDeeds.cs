using Queued.Client;
using Queued.Worker;

namespace Queued.FaultyWorker;

/// <summary>Handlers that use shared memory, in a process of their own.</summary>
internal static class MemoryDeeds
{
    /// <summary>Adds one to every number of a segment.</summary>
    public static async Task<long> AddOneAsync(string name, TaskContext context)
    {
        await using var client = new QueuedClient();
        await using var memory = await client.Memory.OpenAsync(name, context.CancellationToken);
        var sum = 0L;
        foreach (ref var number in memory.GetSpan<long>())
            sum += ++number;
        return sum;
    }

    /// <summary>Opens a segment, or makes it, writes a byte, and keeps it until the gate opens.</summary>
    public static async Task<int> HoldAsync(HeldMemory held, TaskContext context)
    {
        await using var client = new QueuedClient();
        await using var memory = held.Bytes > 0
            ? await client.Memory.CreateAsync(held.Name, held.Bytes, context.CancellationToken)
            : await client.Memory.OpenAsync(held.Name, context.CancellationToken);
        memory.Span[0] = 42;
        return await Deeds.HoldAsync(held.Gate, context);
    }
}

/// <param name="Name">Of the segment.</param>
/// <param name="Bytes">Its length, where it is to be made. 0: it is there.</param>
/// <param name="Gate">Where the handler stops.</param>
internal sealed record HeldMemory(string Name, long Bytes, string Gate);
