namespace Queued.EndToEnd.Tests.Faults;

/// <summary>The directory of one test, gone with it.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder()
    {
        Path = Directory.CreateTempSubdirectory("queued-fault-").FullName;
        EmptyConfiguration = Write("queued.json", "{}");
    }

    public string Path { get; }

    public string Socket => In("q.sock");

    public string Data => In("data");

    /// <summary>Keeps the daemon from the configuration of the machine.</summary>
    public string EmptyConfiguration { get; }

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
