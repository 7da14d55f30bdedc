namespace Queued.Benchmarks;

/// <summary>A folder for a benchmark, gone when it ends.</summary>
internal sealed class BenchFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("queued-bench-").FullName;

    /// <summary>The kind of its file system: a flush costs nothing on one in memory.</summary>
    public string FileSystem => new DriveInfo(_path).DriveFormat;

    public string New(string name) => Directory.CreateDirectory(Path.Combine(_path, name)).FullName;

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
