namespace Queued.Daemon.Tests.Hosting;

internal static class RepositoryFile
{
    public static string Path(string name)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(directory.FullName, "Queue.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException(
                "The tests run outside the repository.");
        }

        return System.IO.Path.Combine(directory.FullName, name);
    }
}
