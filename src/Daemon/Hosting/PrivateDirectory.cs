namespace Queued.Daemon.Hosting;

/// <summary>The directory of a private daemon, with its socket and its data; removed with it.</summary>
internal sealed class PrivateDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("queued-").FullName;

    public string SocketPath => System.IO.Path.Combine(Path, "queued.sock");

    public string DataPath => System.IO.Path.Combine(Path, "data");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
