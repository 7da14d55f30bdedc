using Queued.Client;

namespace Queued.Samples.Demo;

/// <summary>What must be gone when the pool is: the daemon, every process that it started, and its directory.</summary>
internal sealed record Leftovers(int DaemonProcessId, string Directory)
{
    public static async Task<Leftovers> OfAsync(IQueuedClient client)
    {
        var status = await client.GetStatusAsync();
        var socket = status.Endpoints.First(
            endpoint => endpoint.StartsWith("unix:", StringComparison.Ordinal))["unix:".Length..];
        return new Leftovers(status.ProcessId, Path.GetDirectoryName(socket)!);
    }

    /// <summary>What is still there, one line each.</summary>
    public IReadOnlyList<string> Find()
    {
        var left = new List<string>();
        if (Path.Exists(Directory))
        {
            left.Add($"directory {Directory}");
        }

        foreach (var process in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), out var id) && id != Environment.ProcessId &&
                (id == DaemonProcessId || Mentions(process, "environ") || Mentions(process, "cmdline")))
            {
                left.Add($"process {id}");
            }
        }

        return left;
    }

    private bool Mentions(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file)).Contains(Directory, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended since, or is another user's, and then not ours.
            return false;
        }
    }
}
