using System.Globalization;
using System.Text;
using Queued.Client;
using Queued.Worker;

namespace Queued.FaultyWorker;

/// <summary>Handlers that use shared memory, in a process of their own.</summary>
internal static class MemoryDeeds
{
    private static ReadOnlyMemory<byte> _kept;

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

    /// <summary>Gives back the payload itself.</summary>
    public static Task<TaskPayload> EchoAsync(TaskPayload payload, TaskContext context) => Task.FromResult(payload);

    /// <summary>Gives back all of the payload but its first quarter.</summary>
    public static Task<TaskPayload> EchoMostAsync(TaskPayload payload, TaskContext context) =>
        Task.FromResult(payload with { Data = payload.Data[(payload.Data.Length / 4)..] });

    /// <summary>Gives back the last quarter of the payload.</summary>
    public static Task<TaskPayload> EchoLittleAsync(TaskPayload payload, TaskContext context) =>
        Task.FromResult(payload with { Data = payload.Data[^(payload.Data.Length / 4)..] });

    /// <summary>Gives back the payload with one added to every byte.</summary>
    public static Task<TaskPayload> AddOneRawAsync(TaskPayload payload, TaskContext context)
    {
        var result = payload.Data.ToArray();
        for (var n = 0; n < result.Length; n++)
            result[n]++;
        return Task.FromResult(payload with { Data = result });
    }

    /// <summary>The payload begins with the path of a gate and a line feed.</summary>
    public static async Task<TaskPayload> PassThenEchoAsync(TaskPayload payload, TaskContext context)
    {
        var length = payload.Data.Span.IndexOf((byte)'\n');
        await Deeds.HoldAsync(Encoding.UTF8.GetString(payload.Data.Span[..length]), context);
        return payload;
    }

    /// <summary>Keeps the payload's memory although the handler returns.</summary>
    public static Task<TaskPayload> KeepAsync(TaskPayload payload, TaskContext context)
    {
        _kept = payload.Data;
        return Task.FromResult(TaskPayload.Empty);
    }

    /// <summary>Whether what was kept is refused, instead of being what another task wrote there since.</summary>
    public static bool IsKeptGone()
    {
        try
        {
            return _kept.Span.Length < 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>As many bytes as the payload says, all 7.</summary>
    public static Task<TaskPayload> MakeAsync(TaskPayload payload, TaskContext context)
    {
        var result = new byte[int.Parse(payload.ReadText(), CultureInfo.InvariantCulture)];
        Array.Fill(result, (byte)7);
        return Task.FromResult(new TaskPayload(result));
    }
}

/// <param name="Name">Of the segment.</param>
/// <param name="Bytes">Its length, where it is to be made. 0: it is there.</param>
/// <param name="Gate">Where the handler stops.</param>
internal sealed record HeldMemory(string Name, long Bytes, string Gate);
