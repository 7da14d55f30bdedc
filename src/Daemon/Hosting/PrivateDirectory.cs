namespace Queued.Daemon.Hosting;

/// <summary>The directory of a private daemon, with its socket and its data; removed with it.</summary>
internal sealed class PrivateDirectory : IDisposable
{
    private const int AttemptsMax = 100;

    public string Path { get; } = Make();

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

    private static string Make()
    {
        try
        {
            return Directory.CreateTempSubdirectory("queued-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StartupException.Of(
                e,
                $"no directory can be made in {System.IO.Path.GetTempPath()}: {e.Message}; have TMPDIR name a " +
                "directory that is there, that you can write to, and that has room");
        }
    }
}
