using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>The peers that Python alone is.</summary>
internal static class Pythons
{
    private const int JoblibMin = 20_000;

    public static Peer Pool(string name, string way) => new(name, Script("pool.py", way));

    /// <param name="name">As it stands in the tables.</param>
    /// <param name="chunk">Inputs in a chunk. Null: as many as it likes.</param>
    /// <param name="itemsMin">Inputs of a map, where there have to be many.</param>
    public static Peer Map(string name, int? chunk = null, int itemsMin = 1)
    {
        string[] arguments = chunk is null ? ["map"] : ["map", chunk.Value.ToString(CultureInfo.InvariantCulture)];
        return new Peer(name, Script("pool.py", arguments)) { CountMin = itemsMin };
    }

    public static Peer LargePool(string name) => new(name, Script("pool.py", "payload")) { FirstCount = 1 };

    public static Peer Executor(string name) => new(name, Script("executor.py", "submit"));

    public static Peer ExecutorMap(string name, int chunk, int itemsMin = 1) =>
        new(name, Script("executor.py", "map", chunk.ToString(CultureInfo.InvariantCulture))) { CountMin = itemsMin };

    /// <summary>Its batches grow while it works.</summary>
    public static Peer Joblib(string name) => new(name, async place =>
    {
        await Programs.NeedModuleAsync("joblib");
        return await Script("joblib_peer.py")(place);
    })
    {
        CountMin = JoblibMin,
    };

    public static Peer Queue(string name, string type) => new(name, Script("mp_queue.py", type));

    public static Peer Pipe(string name, params string[] arguments) => new(name, Script("mp_pipe.py", arguments));

    public static Peer Lock(string name, string way) => new(name, Script("mp_lock.py", way));

    private static Func<PeerPlace, Task<string[]>> Script(string script, params string[] arguments) => async _ =>
    {
        await Programs.NeedModuleAsync("multiprocessing");
        return [Programs.Python, Programs.Source(script), .. arguments];
    };
}
