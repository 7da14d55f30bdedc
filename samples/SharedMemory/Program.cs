using Queued.Client;

await using var client = new QueuedClient();

// One process makes it, and writes.
await using var frames = await client.Memory.CreateAsync("frames", 64 * 1024 * 1024);
frames.Span.Fill(0xff);
frames.GetSpan<int>(offset: 4096, count: 16)[0] = 42;

// Another opens it by its name, and reads.
await using var other = new QueuedClient();
await using var same = await other.Memory.OpenAsync("frames");
Console.WriteLine(same.GetSpan<int>(offset: 4096, count: 16)[0]);
