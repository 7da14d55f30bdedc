using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Queued.Tidy.Tests;

/// <summary>Who may use whom, and where the outside world may be touched.</summary>
internal static partial class LayeringRules
{
    /// <summary>Project folder under src → the projects it may reference.</summary>
    private static readonly Dictionary<string, string[]> References = new()
    {
        ["Broker"] = [],
        ["Protocol"] = [],
        ["Daemon"] = ["Broker", "Protocol"],
        ["Worker"] = ["Protocol"],
        ["Client"] = ["Protocol", "Worker"],
        ["Cli"] = ["Client"],
    };

    /// <summary>Where processes are started and signalled. Besides the daemon's Supervision that is the part of the
    /// client that starts a private daemon.</summary>
    private static readonly string[] ProcessFolders = ["src/Daemon/Supervision", "src/Client/ProcessPools"];

    /// <summary>Parts of the daemon that hold no file: they are fast, pure translation, or both.</summary>
    private static readonly string[] FilelessFolders = ["src/Broker", "src/Daemon/Loop", "src/Daemon/Edge",
        "src/Daemon/Telemetry", "src/Protocol"];

    public static IEnumerable<Finding> ProjectReferences(SourceFile project)
    {
        if (!project.IsUnder("src"))
        {
            yield break;
        }

        var name = project.Path.Split('/')[1];
        if (!References.TryGetValue(name, out var allowed))
        {
            yield return new Finding(project.Path, 1, "a new project: say here whom it may reference");
            yield break;
        }

        var document = XDocument.Parse(project.Text);
        foreach (var reference in document.Descendants("ProjectReference"))
        {
            var target = (reference.Attribute("Include")?.Value ?? "").Replace('\\', '/').Split('/')[^2];
            if (!allowed.Contains(target))
            {
                yield return new Finding(project.Path, 1, $"{name} must not reference {target}");
            }
        }

        if (name != "Broker")
        {
            yield break;
        }

        foreach (var package in document.Descendants("PackageReference"))
        {
            if ((string?)package.Attribute("PrivateAssets") != "all")
            {
                yield return new Finding(project.Path, 1, $"Broker stands on the BCL alone: {package}");
            }
        }
    }

    public static IEnumerable<Finding> Processes(SourceFile file) =>
        !file.IsUnder("src") || ProcessFolders.Any(file.IsUnder)
            ? []
            : Found(file, ProcessUse(), "processes and signals belong to Supervision");

    public static IEnumerable<Finding> Files(SourceFile file) =>
        FilelessFolders.Any(file.IsUnder)
            ? Found(file, FileUse(), "files belong to Storage and Hosting")
            : [];

    public static IEnumerable<Finding> BrokerUses(SourceFile file) =>
        file.IsUnder("src/Broker")
            ? Found(file, OutsideTheCore(), "the core has no I/O, no tasks, no clock, no logger")
            : [];

    public static IEnumerable<Finding> ForeignNamespaces(SourceFile file)
    {
        if (!file.IsUnder("src/Client") && !file.IsUnder("src/Worker") && !file.IsUnder("src/Cli"))
        {
            return [];
        }

        var findings = Found(file, DaemonOrBroker(), "knows the protocol, never the daemon");
        return file.IsUnder("src/Cli")
            ? findings.Concat(Found(file, Generated(), "stands on the client SDK alone"))
            : findings;
    }

    private static IEnumerable<Finding> Found(SourceFile file, Regex pattern, string message) =>
        pattern.Matches(file.Code).Select(match =>
            new Finding(file.Path, file.LineOf(match.Index), $"{message}: {match.Value.Trim()}"));

    [GeneratedRegex(@"\bProcess\.(Start|GetProcess\w*)\b|\bnew Process\b|\bProcessStartInfo\b" +
        @"|(?<![.\w])(kill|killpg|waitpid|waitid|fork|vfork|execve|posix_spawnp?|pidfd_\w+|prctl)\(")]
    private static partial Regex ProcessUse();

    [GeneratedRegex(@"(?<![.\w])(File|Directory|FileInfo|DirectoryInfo)\.\w+" +
        @"|\bnew (FileStream|StreamWriter|StreamReader)\b|\bMicrosoft\.Data\b|\bSQLite\w*|\bsqlite3\w*")]
    private static partial Regex FileUse();

    [GeneratedRegex(@"\bSystem\.(IO|Net|Threading\.Tasks|Diagnostics\.Process)\b|\basync\b|\bawait\b" +
        @"|\bDateTime(Offset)?\.\w*Now\b|\bStopwatch\b|\bEnvironment\.Tick\w+" +
        @"|\bRandom\.Shared\b|\bGuid\.NewGuid\b|\bILogger\b")]
    private static partial Regex OutsideTheCore();

    [GeneratedRegex(@"\bQueued\.(Daemon|Broker)\b")]
    private static partial Regex DaemonOrBroker();

    [GeneratedRegex(@"\bQueued\.Protocol\b|\bGrpc\.\w+")]
    private static partial Regex Generated();
}
