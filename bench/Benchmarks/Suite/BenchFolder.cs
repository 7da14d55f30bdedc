namespace Queued.Benchmarks;

/// <summary>A folder for a benchmark, gone when it ends.</summary>
internal sealed class BenchFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("queued-bench-").FullName;

    /// <summary>The kind of its file system: a flush costs nothing on one in memory.</summary>
    public string FileSystem => new DriveInfo(Path).DriveFormat;

    public string New(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
