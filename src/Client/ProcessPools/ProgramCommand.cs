using System.Reflection;
using System.Runtime.InteropServices;

namespace Queued.Client.ProcessPools;

/// <summary>The command that starts this program again.</summary>
internal static class ProgramCommand
{
    private const string DepsEnding = ".deps.json";

    /// <exception cref="InvalidOperationException">It cannot be told.</exception>
    public static IReadOnlyList<string> Find()
    {
        var process = Environment.ProcessPath
            ?? throw new InvalidOperationException(
                "The program's own path is not known. "
                + $"Set {nameof(ProcessPoolOptions)}.{nameof(ProcessPoolOptions.Command)}.");
        var application = ApplicationAssembly();
        if (!IsDotNet(process) || application is null)
            return [process];

        // Under a test host the entry assembly is the host's. The application is what the host's dependencies belong
        // to.
        var stem = application[..^".dll".Length];
        var (configuration, dependencies) = (stem + ".runtimeconfig.json", stem + DepsEnding);
        return File.Exists(configuration) && File.Exists(dependencies)
            ? [process, "exec", "--runtimeconfig", configuration, "--depsfile", dependencies, application]
            : [process, application];
    }

    public static string DotNet()
    {
        if (Environment.ProcessPath is { } process && IsDotNet(process))
            return process;
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root
            && File.Exists(Path.Combine(root, name)))
            return Path.Combine(root, name);

        // shared/Microsoft.NETCore.App/VERSION/ below the root.
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
        return File.Exists(beside) ? beside : name;
    }

    private static bool IsDotNet(string path) =>
        Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.OrdinalIgnoreCase);

    private static string? ApplicationAssembly()
    {
        var files = AppContext.GetData("APP_CONTEXT_DEPS_FILES") as string ?? "";
        var deps = files.Split(';', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        if (deps is not null && deps.EndsWith(DepsEnding, StringComparison.Ordinal)
            && File.Exists(deps[..^DepsEnding.Length] + ".dll"))
            return deps[..^DepsEnding.Length] + ".dll";
        var name = Assembly.GetEntryAssembly()?.GetName().Name;
        var path = name is null ? null : Path.Combine(AppContext.BaseDirectory, name + ".dll");
        return File.Exists(path) ? path : null;
    }
}
