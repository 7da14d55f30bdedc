using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>The peers that are servers, each started for itself, in its own folder, with a driver beside it.</summary>
internal static class Servers
{
    public enum Flush
    {
        /// <summary>Nothing is stored.</summary>
        Never,

        /// <summary>Before it is acknowledged.</summary>
        Always,
    }

    public static Peer Celery(string name, string way) => new(name, async place =>
    {
        await Programs.NeedModuleAsync("celery");
        await Programs.NeedModuleAsync("redis");
        await StartRedisAsync(place, Flush.Never);
        return [.. WithRedis(place), Programs.Python, Programs.Source("celery_peer.py"), way];
    })
    {
        FirstCount = 400,
        CountMin = 400,
    };

    public static Peer Rq(string name) => new(name, async place =>
    {
        await Programs.NeedModuleAsync("rq");
        await StartRedisAsync(place, Flush.Never);
        return [.. WithRedis(place), Programs.Python, Programs.Source("rq_peer.py")];
    })
    {
        FirstCount = 20,
        CountMin = 20,
    };

    /// <param name="name">As it stands in the tables.</param>
    /// <param name="way">one or many.</param>
    /// <param name="flush">Whether its log is flushed for each command.</param>
    public static Peer RedisLists(string name, string way, Flush flush = Flush.Never) => new(name, async place =>
    {
        var program = await Programs.CompileAsync(place.Folder, "redis_lists", "hiredis/hiredis.h", "-lhiredis");
        await StartRedisAsync(place, flush);
        return [program, place.PathOf("redis.sock"), way];
    });

    public static Peer Gearman(string name, string way) => new(name, async place =>
    {
        var program = await Programs.CompileAsync(place.Folder, "gearman", "libgearman/gearman.h", "-lgearman");
        var port = Programs.FreePort().ToString(CultureInfo.InvariantCulture);
        await place.AddAsync(Leash.StartAsync(
            int.Parse(port, CultureInfo.InvariantCulture),
            "gearmand", "--listen", "127.0.0.1", "--port", port, "--log-file", "stderr", "--verbose", "ERROR",
            "--user", Environment.UserName));
        return [program, port, way];
    });

    /// <param name="name">As it stands in the tables.</param>
    /// <param name="way">put, put-one or work.</param>
    /// <param name="flush">Never: without a log.</param>
    public static Peer Beanstalk(string name, string way, Flush flush = Flush.Never) => new(name, async place =>
    {
        var program = await Programs.CompileAsync(place.Folder, "beanstalk", header: null);
        var socket = place.PathOf("beanstalkd.sock");
        string[] log = flush == Flush.Always ? ["-b", place.Folder, "-f", "0"] : [];
        await place.AddAsync(Leash.StartAsync(socket, ["beanstalkd", "-l", $"unix:{socket}", .. log]));
        return [program, socket, way];
    });

    public static Peer Floor(string name, string way) => new(name, async place =>
        [await Programs.CompileAsync(place.Folder, "floor", header: null), way, place.PathOf("file")]);

    private static string[] WithRedis(PeerPlace place) => ["env", $"PEER_REDIS={place.PathOf("redis.sock")}"];

    private static async Task StartRedisAsync(PeerPlace place, Flush flush) => await place.AddAsync(Leash.StartAsync(
        place.PathOf("redis.sock"),
        "redis-server", "--port", "0", "--unixsocket", place.PathOf("redis.sock"), "--dir", place.Folder, "--save", "",
        "--appendonly", flush == Flush.Always ? "yes" : "no", "--appendfsync", "always"));
}
