using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Queued.EndToEnd.Tests.Faults;

/// <summary>The processes of this machine, as the kernel shows them.</summary>
internal static partial class Processes
{
    public const int KillSignal = 9;
    public const int TermSignal = 15;
    public const int ContinueSignal = 18;
    public const int StopSignal = 19;

    /// <summary>
    /// Every process whose environment has all the words. Workers and whatever they start have the daemon's socket
    /// there. A zombie has no environment.
    /// </summary>
    public static IReadOnlyList<int> WithEnvironment(params string[] words)
    {
        List<int> found = [];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) &&
                Array.TrueForAll(words, word => Read(folder, "environ").Contains(word, StringComparison.Ordinal)))
            {
                found.Add(id);
            }
        }

        return found;
    }

    public static bool Exists(int processId) => Directory.Exists($"/proc/{processId}");

    /// <summary>A line of /proc/PID/status in bytes, such as VmHWM.</summary>
    public static long StatusBytes(int processId, string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status")
            .Single(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return long.Parse(line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal), null) * 1024;
    }

    public static void Signal(int processId, int signal) => Assert.Equal(0, Kill(processId, signal));

    private static string Read(string folder, string name)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(folder, name)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended since, or is another user's, and so none of ours.
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
