using System.Text.RegularExpressions;

namespace Queued.Tidy.Tests;

/// <summary>What the documentation says is checked against what is there.</summary>
public sealed partial class DocsTests
{
    private static IEnumerable<SourceFile> Documents => Repository.Files
        .Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Every_reason_to_refuse_is_documented()
    {
        var errors = File.ReadAllText(Path.Combine(Repository.Root, "docs/errors.md"));
        var source = File.ReadAllText(Path.Combine(Repository.Root, "src/Broker/Rejection.cs"));
        var body = EnumBody().Match(CSharpText.WithoutCommentsAndStrings(source)).Groups["body"].Value;
        var reasons = Word().Matches(body).Select(match => UpperSnake(match.Value)).ToArray();

        Assert.True(reasons.Length > 10, "The enum was not read.");
        var missing = reasons.Where(reason => !errors.Contains($"`{reason}`", StringComparison.Ordinal)).ToArray();
        Assert.Empty(missing);
    }

    [Fact]
    public void Every_relative_link_leads_somewhere()
    {
        var broken =
            from document in Documents
            from Match match in Link().Matches(document.Text)
            let target = match.Groups["target"].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            let folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document.Path))!
            where !Path.Exists(Path.Combine(folder, target))
            select new Finding(document.Path, document.LineOf(match.Index), $"leads nowhere: {target}");
        Finding.None(broken);
    }

    /// <summary>
    /// C# in the documentation is compiled and run: a block names the sample that it shows (<c>```csharp file=…</c>),
    /// is contained in it word for word, and the samples are run by tests/EndToEnd.
    /// </summary>
    [Fact]
    public void Every_csharp_block_is_part_of_a_sample()
    {
        var findings =
            from document in Documents
            from Match block in CSharpBlock().Matches(document.Text)
            let file = block.Groups["file"].Value
            let problem = Problem(file, block.Groups["code"].Value)
            where problem is not null
            select new Finding(document.Path, document.LineOf(block.Index), problem);
        Finding.None(findings);
    }

    [Fact]
    public void Every_decision_is_listed()
    {
        var folder = Path.Combine(Repository.Root, "docs/adr");
        var list = File.ReadAllText(Path.Combine(folder, "README.md"));
        var decisions = Directory.GetFiles(folder, "0*.md").Select(Path.GetFileName);
        var missing = decisions.Where(name => !list.Contains($"({name})", StringComparison.Ordinal)).ToArray();
        Assert.Empty(missing);
    }

    private static string? Problem(string file, string code)
    {
        if (file.Length == 0)
        {
            return "C# that no sample holds; write ```csharp file=samples/…";
        }

        var path = Path.Combine(Repository.Root, file);
        if (!File.Exists(path))
        {
            return $"{file} does not exist";
        }

        return File.ReadAllText(path).Contains(code.TrimEnd('\n'), StringComparison.Ordinal)
            ? null
            : $"differs from {file}";
    }

    private static string UpperSnake(string name) => Hump().Replace(name, "_$0").ToUpperInvariant();

    [GeneratedRegex(@"enum RejectionReason\s*\{(?<body>[^}]*)\}")]
    private static partial Regex EnumBody();

    [GeneratedRegex(@"\b[A-Z]\w+")]
    private static partial Regex Word();

    [GeneratedRegex(@"(?<!^)[A-Z]")]
    private static partial Regex Hump();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```csharp(?:[ \t]+file=(?<file>\S+))?[^\n]*\n(?<code>.*?)^```",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
