namespace Queued.Tidy.Tests;

/// <summary>The tree that the rules read: what a clone holds, without what builds leave behind.</summary>
internal static class Repository
{
    private static readonly string[] LeftByBuilds =
        ["bin", "obj", "artifacts", "node_modules", "TestResults", ".git", ".vs", ".idea", "__pycache__", ".venv"];

    private static readonly string[] TextExtensions =
    [
        ".cs", ".csproj", ".props", ".targets", ".proto", ".md", ".sh", ".py", ".yml", ".yaml", ".json", ".txt", ".js",
        ".ts", ".toml", ".service", ".editorconfig",
    ];

    public static string Root { get; } = FindRoot();

    /// <summary>Every text file, by its path from the root with forward slashes, in order.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = Directory
        .EnumerateFiles(Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Select(path => (path, relative: Path.GetRelativePath(Root, path).Replace('\\', '/')))
        .Where(file => !file.relative.Split('/').Any(part => LeftByBuilds.Contains(part)) && IsText(file.relative))
        .OrderBy(file => file.relative, StringComparer.Ordinal)
        .Select(file => new SourceFile(file.relative, File.ReadAllText(file.path)))
        .ToArray();

    public static IEnumerable<SourceFile> CSharp =>
        Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    private static bool IsText(string path) =>
        TextExtensions.Contains(Path.GetExtension(path)) || Path.GetFileName(path) is "dev" or "run" or "Dockerfile";

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
