namespace Queued.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="IsQuick">A short run, to see that it works: its figures mean little.</param>
/// <param name="Native">The daemon as a native program. Null: there is none.</param>
internal sealed record BenchOptions(bool IsQuick, string? Native)
{
    public DaemonProgram Daemon => Native is null ? DaemonProgram.Jit : new DaemonProgram("native", Native);

    public int Rounds(int full, int quick) => IsQuick ? quick : full;

    public static BenchOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new BenchOptions(false, null);
        for (var index = 0; index < arguments.Length; index++)
        {
            switch (arguments[index])
            {
                case "--quick":
                    options = options with { IsQuick = true };
                    break;
                case "--native" when index + 1 < arguments.Length:
                    options = options with { Native = Path.GetFullPath(arguments[++index]) };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}

/// <summary>A build of the daemon.</summary>
internal sealed record DaemonProgram(string Name, string Path)
{
    /// <summary>The one that build/IncludeDaemon.targets has put beside this program.</summary>
    public static DaemonProgram Jit { get; } =
        new("JIT", System.IO.Path.Combine(AppContext.BaseDirectory, "queued", "queued"));
}
