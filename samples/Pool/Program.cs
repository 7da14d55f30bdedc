using Queued.Client;

await using var pool = await ProcessPool.StartAsync(5);
await foreach (var square in pool.MapAsync(Square, Enumerable.Range(1, 10)))
    Console.WriteLine(square);

static int Square(int number) => number * number;
