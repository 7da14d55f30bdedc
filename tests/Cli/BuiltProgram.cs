using System.Reflection;

namespace Queued.Cli.Tests;

/// <summary>queuectl as it was built; the copy beside the tests has their dependencies instead of its own.</summary>
internal static class BuiltProgram
{
    public static string Root { get; } = FindRoot();

    public static string Path { get; } = System.IO.Path.Combine(
        Root,
        "src/Cli/bin",
        typeof(BuiltProgram).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        "net10.0/queuectl");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Queue.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("No Queue.sln above the tests.");
        return folder.FullName;
    }
}
