namespace Queued.Benchmarks;

/// <summary>What nothing on this machine can be faster than.</summary>
internal static class Floors
{
    public static Task RunAsync(BenchOptions options, Report report) =>
        new Contest(report, "Floor probes, in C", "step").RunAsync(options,
        [
            Servers.Floor("Unix socket between two processes, 64 bytes there and back", "pingpong"),
            Servers.Floor("… each on a core of its own", "pingpong-two-cores"),
            Servers.Floor("… both on one core", "pingpong-one-core"),
            Servers.Floor("memcpy of 1 MiB", "memcpy"),
            Servers.Floor("page fault on new shared memory", "faults"),
            Servers.Floor("write of 4 KiB and fdatasync", "fdatasync"),
        ]);
}
