using System.Diagnostics;
using Queued.Client;
using Queued.EndToEnd.Tests.Docs;

namespace Queued.EndToEnd.Tests.ProcessPools;

/// <summary>
/// The test assembly as a program of its own, so that a caller of a process pool can be killed: started again with a
/// startup hook that does what <see cref="Variable"/> says instead of Main.
/// </summary>
internal static class TestProgram
{
    public const string Variable = "TEST_PROGRAM";
    private const string HoldPool = "hold-pool";

    public static void RunIfAsked()
    {
        var program = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        if (program == HoldPool)
            HoldPoolAsync().GetAwaiter().GetResult();
    }

    /// <summary>A process that holds a pool of two workers, both busy.</summary>
    public static async Task<(Process Caller, PoolFootprint Footprint)> StartHoldingPoolAsync()
    {
        var path = typeof(TestProgram).Assembly.Location;
        var stem = path[..^".dll".Length];
        string[] arguments =
        [
            "exec", "--runtimeconfig", stem + ".runtimeconfig.json", "--depsfile", stem + ".deps.json", path,
        ];
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true };
        start.Environment[Variable] = HoldPool;
        start.Environment["DOTNET_STARTUP_HOOKS"] = path;
        var caller = Process.Start(start)!;
        var line = await caller.StandardOutput.ReadLineAsync();
        return (caller, PoolFootprint.Parse(line ?? throw new InvalidOperationException("It did not start its pool.")));
    }

    private static async Task HoldPoolAsync()
    {
        await using var pool = await ProcessPool.StartAsync(
            2, new ProcessPoolOptions { DaemonPath = BuiltPrograms.Daemon });
        await foreach (var _ in pool.MapAsync(Functions.Square, Enumerable.Range(0, 100)))
        {
        }

        for (var n = 0; n < 2; n++)
            await pool.SubmitAsync(Functions.WaitForeverAsync, n);
        Console.WriteLine(await PoolFootprint.OfBusyAsync(pool, workers: 2));
        await new TaskCompletionSource().Task;
    }
}
