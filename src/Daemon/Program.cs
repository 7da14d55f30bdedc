using Queued.Daemon.Hosting;
using Queued.Daemon.Hosting.Configuration;
using Queued.Daemon.Storage;
using Queued.Daemon.Supervision;

namespace Queued.Daemon;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        // First of all: the guard is a small process, and stays one only as long as nothing else is loaded.
        if (args is [GuardProcess.Verb, .. var guarded])
        {
            return GuardProcess.Run(guarded);
        }

        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync("queued: runs on Linux only, so far");
            return ExitCode.Internal;
        }

        try
        {
            return await CommandLine.RunAsync(args);
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync($"queued: {e.Message}");
            return ExitCode.Configuration;
        }
        catch (StartupException e)
        {
            await Console.Error.WriteLineAsync($"queued: {e.Message}");
            return e.ExitCode;
        }
        catch (StoreFailedException e)
        {
            await Console.Error.WriteLineAsync($"queued: {e.Message}");
            return e.ExitCode;
        }
#pragma warning disable CA1031 // The last line of defence: the exit code says that it was ours.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"queued: internal error: {e}");
            return ExitCode.Internal;
        }
    }
}
