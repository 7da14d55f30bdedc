using Queued.Client.ProcessPools;

namespace Queued.Client.Tests.ProcessPools;

public sealed class DaemonLocatorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("queued-locator-").FullName;

    [Fact]
    public void The_option_comes_before_the_environment_and_that_before_the_programs_directory()
    {
        var option = Add("option/queued");
        var named = Add("named/queued");
        var beside = Add("app/queued/queued");
        Assert.Equal([option], Find(option, named));
        Assert.Equal([named], Find(null, named));
        Assert.Equal([beside], Find(null, null));
    }

    [Fact]
    public void Beside_the_program_its_own_folder_comes_first_and_PATH_last()
    {
        var path = Add("bin/queued");
        Assert.Equal([path], Find(null, null));
        var assembly = Add("app/queued.dll");
        Assert.Equal([assembly], Find(null, null)[1..]);
        var folder = Add("app/queued/queued.dll");
        Assert.Equal([folder], Find(null, null)[1..]);
        Assert.EndsWith("dotnet", Find(null, null)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nowhere_says_where_it_was_looked_for()
    {
        var nowhere = Assert.Throws<FileNotFoundException>(() => Find(null, null));
        Assert.Contains(Path.Combine(_directory, "app"), nowhere.Message, StringComparison.Ordinal);
        Assert.Contains("QUEUED_DAEMON", nowhere.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Find("/no/such", null));
        Assert.Throws<FileNotFoundException>(() => Find(null, "/no/such"));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private List<string> Find(string? option, string? named) =>
    [
        .. DaemonLocator.Find(
            option,
            name => name switch { "QUEUED_DAEMON" => named, "PATH" => Path.Combine(_directory, "bin"), _ => null },
            Path.Combine(_directory, "app")),
    ];

    private string Add(string path)
    {
        var full = Path.Combine(_directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, "");
        return full;
    }
}
