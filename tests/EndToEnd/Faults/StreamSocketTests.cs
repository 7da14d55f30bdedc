namespace Queued.EndToEnd.Tests.Faults;

/// <summary>Which way the streams of real clients and workers go.</summary>
public sealed class StreamSocketTests
{
    private const string Connected = "03";

    [Fact]
    public async Task Streams_of_clients_and_workers_of_this_machine_are_connections_of_the_socket_for_streams()
    {
        await using var daemon = await FaultDaemon.StartAsync();
        await using var pool = await daemon.AddPoolAsync(2);
        await pool.IsFullAsync();
        await using var queue = daemon.Client.Queue<int>("numbers");
        await queue.PutAsync(1);
        Assert.Equal(0, await (await pool.SubmitAsync<int, int>("nest", 0)).GetResultAsync());

        // Of two workers, of the client's tasks, and of its session. Each end that was accepted has the path.
        Assert.Equal(4, CountConnections(daemon.Socket + ".streams"));
    }

    private static int CountConnections(string path) => File.ReadLines("/proc/net/unix")
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(columns => columns is [_, _, _, _, _, Connected, _, var name] && name == path);
}
