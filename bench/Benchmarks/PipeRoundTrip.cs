using System.Diagnostics;
using System.Globalization;
using Queued.Client;

namespace Queued.Benchmarks;

/// <summary>
/// A message of 64 bytes to another process and back: over a pipe of the daemon, which is two hops each way, and over
/// <c>multiprocessing.Pipe</c>, which is one. The two take turns, so that what the machine does meets both.
/// </summary>
internal static class PipeRoundTrip
{
    private const string Pipe = "round-trip";
    private const int TripsPerRound = 3000;
    private const int WarmUpRounds = 3;

    private const string Python = """
        import multiprocessing, sys, time
        def echo(pipe):
            try:
                while True:
                    pipe.send_bytes(pipe.recv_bytes())
            except EOFError:
                pass
        here, there = multiprocessing.Pipe()
        process = multiprocessing.Process(target=echo, args=(there,), daemon=True)
        process.start()
        there.close()
        message = b'x' * 64
        for line in sys.stdin:
            count = int(line)
            begin = time.perf_counter()
            for _ in range(count):
                here.send_bytes(message)
                here.recv_bytes()
            print((time.perf_counter() - begin) / count * 1e6, flush=True)
        here.close()
        """;

    public static async Task RunAsync(int rounds)
    {
        await using var daemon = await ProcessPool.StartAsync(1);
        var client = (QueuedClient)daemon.Client;
        await using var pipe = client.Pipe<byte[]>(Pipe);
        await pipe.OpenAsync();
        using var echo = StartEcho(client.Address);
        using var python = StartPython();
        var processes = (int[])[Environment.ProcessId, echo.Id, (await client.GetStatusAsync()).ProcessId];
        List<(double Ours, double Theirs)> times = [];
        List<(double Time, double Switches)> costs = [];
        for (var round = 0; round < WarmUpRounds + rounds; round++)
        {
            var cost = new ProcessCost(processes);
            var ours = await TripAsync(pipe);
            var (time, switches) = cost.SinceThen();
            var theirs = await TripAsync(python);
            if (round >= WarmUpRounds)
            {
                times.Add((ours, theirs));
                costs.Add((time.TotalMicroseconds / TripsPerRound, (double)switches / TripsPerRound));
            }
        }

        await pipe.CloseAsync();
        await echo.WaitForExitAsync();
        python.StandardInput.Close();
        await python.WaitForExitAsync();
        Console.WriteLine($"{rounds} rounds of {TripsPerRound} round trips of 64 bytes, microseconds");
        Console.WriteLine();
        Console.WriteLine("| | median | least | most |");
        Console.WriteLine("|---|---|---|---|");
        Print("a pipe of the daemon", times.Select(time => time.Ours), "0.0");
        Print("multiprocessing.Pipe", times.Select(time => time.Theirs), "0.0");
        Print("ratio", times.Select(time => time.Ours / time.Theirs), "0.00");
        Print("processor time of both clients and the daemon", costs.Select(cost => cost.Time), "0.0");
        Print("their voluntary context switches", costs.Select(cost => cost.Switches), "0.0");
    }

    /// <summary>The other process.</summary>
    public static async Task EchoAsync(string name)
    {
        await using var client = new QueuedClient();
        await using var pipe = client.Pipe<byte[]>(name);
        await foreach (var message in pipe.ReadAllAsync())
        {
            await pipe.SendAsync(message);
        }
    }

    private static Process StartEcho(string address)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["pipe-echo", Pipe]);
        start.Environment["QUEUED_SOCKET"] = address;
        return Process.Start(start)!;
    }

    private static Process StartPython() => Process.Start(new ProcessStartInfo("python3", ["-c", Python])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!;

    private static async Task<double> TripAsync(PipeEnd<byte[]> pipe)
    {
        var message = new byte[64];
        var begin = Stopwatch.GetTimestamp();
        for (var trip = 0; trip < TripsPerRound; trip++)
        {
            await pipe.SendAsync(message);
            await pipe.ReceiveAsync();
        }

        return Stopwatch.GetElapsedTime(begin).TotalMicroseconds / TripsPerRound;
    }

    private static async Task<double> TripAsync(Process python)
    {
        await python.StandardInput.WriteLineAsync(TripsPerRound.ToString(CultureInfo.InvariantCulture));
        await python.StandardInput.FlushAsync();
        var line = await python.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("Python has ended.");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    private static void Print(string name, IEnumerable<double> values, string format)
    {
        var sorted = values.Order().ToArray();
        var cells = ((double[])[sorted[sorted.Length / 2], sorted[0], sorted[^1]])
            .Select(value => value.ToString(format, CultureInfo.InvariantCulture));
        Console.WriteLine($"| {name} | {string.Join(" | ", cells)} |");
    }
}
