namespace Queued.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="IsQuick">A short run, to see that it works: its figures mean little.</param>
/// <param name="Native">The daemon as a native program. Null: there is none.</param>
/// <param name="Out">Where reports and plots go.</param>
/// <param name="Page">The page whose figures are written. Null: none.</param>
internal sealed record BenchOptions(bool IsQuick, string? Native, string Out, string? Page)
{
    /// <summary>How long those warm up that are compiled while they run, in a quick run.</summary>
    public static readonly TimeSpan CompiledWarmUp = TimeSpan.FromSeconds(1.5);

    public DaemonProgram Daemon => Native is null ? DaemonProgram.Jit : new DaemonProgram("native", Native);

    public int Rounds(int full, int quick) => IsQuick ? quick : full;

    /// <returns>Null: that is nothing that can be asked for.</returns>
    public static (BenchOptions Options, string[] Names)? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new BenchOptions(false, null, Path.GetFullPath("bench-results"), null);
        var names = new List<string>();
        for (var index = 0; index < arguments.Length; index++)
        {
            var hasValue = index + 1 < arguments.Length;
            switch (arguments[index])
            {
                case "--quick":
                    options = options with { IsQuick = true };
                    break;
                case "--native" when hasValue:
                    options = options with { Native = Path.GetFullPath(arguments[++index]) };
                    break;
                case "--out" when hasValue:
                    options = options with { Out = Path.GetFullPath(arguments[++index]) };
                    break;
                case "--write" when hasValue:
                    options = options with { Page = Path.GetFullPath(arguments[++index]) };
                    break;
                case ['-', ..]:
                    return null;
                default:
                    names.Add(arguments[index]);
                    break;
            }
        }

        return (options, [.. names]);
    }
}

/// <summary>A build of the daemon.</summary>
internal sealed record DaemonProgram(string Name, string Path)
{
    /// <summary>The one that build/IncludeDaemon.targets has put beside this program.</summary>
    public static DaemonProgram Jit { get; } =
        new("JIT", System.IO.Path.Combine(AppContext.BaseDirectory, "queued", "queued"));
}
