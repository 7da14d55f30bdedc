namespace Queued.Daemon.Tests.Hosting;

/// <summary>A directory of one test, gone with it.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("queued-test-").FullName;

    public string Socket => In("q.sock");

    public string Data => In("data");

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
