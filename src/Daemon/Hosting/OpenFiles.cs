using System.Globalization;

namespace Queued.Daemon.Hosting;

/// <summary>How many descriptors this process may have.</summary>
internal static class OpenFiles
{
    private const string Field = "Max open files";

    /// <summary>The soft limit, which the runtime raises to the hard one when it starts.</summary>
    public static long Max { get; } = Read();

    private static long Read()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            if (!line.StartsWith(Field, StringComparison.Ordinal)) continue;

            var soft = line[Field.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var max)
                ? max
                : long.MaxValue;
        }

        return long.MaxValue;
    }
}
