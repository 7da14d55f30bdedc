using Queued.Client;

namespace Queued.EndToEnd.Tests.ProcessPools;

/// <summary>What a process pool has of the system: its daemon, its workers, its directory.</summary>
internal sealed record PoolFootprint(string Directory, IReadOnlyList<int> ProcessIds)
{
    /// <summary>Waits until so many workers are busy.</summary>
    public static async Task<PoolFootprint> OfBusyAsync(ProcessPool pool, int workers)
    {
        var status = await pool.Client.GetStatusAsync();
        var socket = status.Endpoints[0]["unix:".Length..];
        var busy = new List<WorkerInfo>();
        await Eventually.IsAsync(
            async () =>
            {
                busy = await pool.Client.Workers.ListAsync(pool.Name).ToListAsync();
                return busy.Count(worker => worker.State == WorkerState.Busy) == workers;
            },
            $"{workers} busy workers");
        return new PoolFootprint(
            Path.GetDirectoryName(socket)!, [status.ProcessId, .. busy.Select(worker => worker.ProcessId!.Value)]);
    }

    public static PoolFootprint Parse(string text)
    {
        var parts = text.Split(' ');
        return new PoolFootprint(parts[0], [.. parts[1..].Select(id => int.Parse(id, null))]);
    }

    /// <summary>What is still there.</summary>
    public IEnumerable<string> Find()
    {
        if (Path.Exists(Directory))
            yield return Directory;
        foreach (var id in ProcessIds.Where(IsAlive))
            yield return $"process {id}";

        // The guard of the daemon, and whatever else knows the directory.
        foreach (var process in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), out var id) && !ProcessIds.Contains(id) && Mentions(process))
                yield return $"process {id}, which knows {Directory}";
        }
    }

    public Task IsGoneAsync() => Eventually.IsAsync(
        () => Task.FromResult(!Find().Any()), "nothing left", () => string.Join(", ", Find()));

    public override string ToString() => $"{Directory} {string.Join(' ', ProcessIds)}";

    // A zombie has ended; that its parent is dead and nobody reaps here is the machine's matter.
    private static bool IsAlive(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not 'Z' and not 'X';
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool Mentions(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "environ")).Contains(Directory, StringComparison.Ordinal)
                || File.ReadAllText(Path.Combine(process, "cmdline")).Contains(Directory, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended since, or is another user's, and then not ours.
            return false;
        }
    }
}
