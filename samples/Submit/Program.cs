using Queued.Client;

await using var client = new QueuedClient();

// Run one and wait for the result.
int square = await client.RunAsync<int, int>("square", 12);
Console.WriteLine(square);

// Submit now, look later. It is tried three times; an attempt that takes longer than a minute is killed.
var task = await client.SubmitAsync<string, int>("count-words", Path.GetFullPath(args[0]), new SubmitOptions
{
    Retry = new RetryPolicy { MaxAttempts = 3 },
    Timeout = TimeSpan.FromMinutes(1),
});
Console.WriteLine($"task {task.Id}: {await task.GetResultAsync()} words");

// Run many: the input is read as the workers get on, the results come in its order.
long sum = 0;
await foreach (var result in client.MapAsync<int, int>("square", Enumerable.Range(1, 1000)))
    sum += result;
Console.WriteLine(sum);
