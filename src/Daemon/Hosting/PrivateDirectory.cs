namespace Queued.Daemon.Hosting;

/// <summary>The directory of a private daemon, with its socket and its data; removed with it.</summary>
internal sealed class PrivateDirectory : IDisposable
{
    private const int AttemptsMax = 100;

    public string Path { get; } = Directory.CreateTempSubdirectory("queued-").FullName;

    public string SocketPath => System.IO.Path.Combine(Path, "queued.sock");

    public string DataPath => System.IO.Path.Combine(Path, "data");

    public void Dispose()
    {
        for (var attempt = 1; Directory.Exists(Path); attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (attempt < AttemptsMax)
            {
                // The guard removes it in the same moment; whoever finds something gone looks again.
            }
        }
    }
}
