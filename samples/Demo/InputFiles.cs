using System.Runtime.InteropServices;

namespace Queued.Samples.Demo;

/// <summary>The files that the demo works on.</summary>
/// <param name="Folder">Where they are.</param>
/// <param name="Paths">Every regular file that can be read, largest first so that the last one to end is a small
/// one.</param>
/// <param name="Bytes">Their length in all.</param>
/// <param name="Unreadable">How many were left out because this user may not read them.</param>
internal sealed record InputFiles(string Folder, IReadOnlyList<string> Paths, long Bytes, int Unreadable)
{
    /// <summary>The folder of the newest .NET SDK beside the runtime that runs this, else of that runtime.</summary>
    public static string DefaultFolder()
    {
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        var sdks = Path.Combine(runtime.Parent?.Parent?.Parent?.FullName ?? runtime.FullName, "sdk");
        return Directory.Exists(sdks) ? sdks : runtime.FullName;
    }

    public static InputFiles Find(string folder)
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device,
        };
        var unreadable = 0;
        var files = new DirectoryInfo(folder).EnumerateFiles("*", options)
            .Where(file => FileKind.IsRegular(file.FullName) && IsReadable(file, ref unreadable))
            .OrderByDescending(file => file.Length)
            .ToArray();
        return new InputFiles(
            folder, [.. files.Select(file => file.FullName)], files.Sum(file => file.Length), unreadable);
    }

    private static bool IsReadable(FileInfo file, ref int unreadable)
    {
        try
        {
            using var _ = file.Open(new FileStreamOptions { Share = FileShare.ReadWrite, BufferSize = 0 });
            return true;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            unreadable++;
            return false;
        }
    }
}
