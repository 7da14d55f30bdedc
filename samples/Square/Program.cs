using Queued.Client;

// One process that computes one square, and says who it was.
await using var pool = await ProcessPool.StartAsync(1);
var answer = await pool.RunAsync(Square, 12);
Console.WriteLine($"{answer.Value}, computed by process {answer.ProcessId}; this is process {Environment.ProcessId}");

static Answer Square(int number) => new(number * number, Environment.ProcessId);

internal sealed record Answer(int Value, int ProcessId);
