using System.Reflection;

namespace Queued.EndToEnd.Tests.Docs;

/// <summary>Where the programs of this repository are, in the configuration that the tests were built in.</summary>
internal static class BuiltPrograms
{
    public static string Root { get; } = FindRoot();

    public static string Daemon => Of("src/Daemon", "queued");

    public static string Cli => Of("src/Cli", "queuectl");

    public static string Of(string project, string name)
    {
        var configuration = typeof(BuiltPrograms).Assembly
            .GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        var path = Path.Combine(Root, project, "bin", configuration, "net10.0", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not built.", path);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Queue.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Queue.sln above {AppContext.BaseDirectory}.");
    }
}
