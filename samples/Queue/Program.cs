using Queued.Client;
using Queued.Worker;

// A process puts a line into a queue, and its parent reads it.
await using var pool = await ProcessPool.StartAsync(1);
var process = pool.RunAsync(Put, "lines");
Console.WriteLine(await pool.Client.Queue<string>("lines").GetAsync());
Console.WriteLine($"put by process {await process}; this is process {Environment.ProcessId}");

static async Task<int> Put(string queue, TaskContext context)
{
    await context.Client.Queue<string>(queue).PutAsync("hello from another process");
    return Environment.ProcessId;
}
