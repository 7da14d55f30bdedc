using System.Globalization;

namespace Queued.FaultyWorker;

/// <summary>
/// A resource that knows fencing tokens: a file of lines, each with the number of the grant under which it was written.
/// Who comes with a lower number than the last is refused.
/// </summary>
internal static class FencedFile
{
    /// <returns>The number that stood against it. 0: it was written.</returns>
    public static ulong Write(string path, ulong token, string text)
    {
        // Without a share it is locked for everybody else, as a resource that is a process of its own would be.
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        using var reader = new StreamReader(file, leaveOpen: true);
        var last = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        var highest = last is null ? 0 : ulong.Parse(last.Split(' ')[0], CultureInfo.InvariantCulture);
        if (token < highest)
            return highest;
        using var writer = new StreamWriter(file);
        writer.WriteLine($"{token} {text}");
        return 0;
    }
}
