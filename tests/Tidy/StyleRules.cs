using System.Text.RegularExpressions;

namespace Queued.Tidy.Tests;

/// <summary>The rules about how one file reads. Each takes a file and says what is wrong with it.</summary>
internal static partial class StyleRules
{
    public const int SourceLinesMax = 500;
    public const int TestLinesMax = 800;
    public const int LineLengthMax = 120;

    public static IEnumerable<Finding> FileLength(SourceFile file)
    {
        var limit = file.IsUnder("tests") ? TestLinesMax : SourceLinesMax;
        if (file.Lines.Length > limit + 1)
        {
            yield return new Finding(file.Path, limit, $"{file.Lines.Length} lines, at most {limit}: split by feature");
        }
    }

    public static IEnumerable<Finding> LineLength(SourceFile file) => file.Lines
        .Select((line, index) => (line, number: index + 1))
        .Where(row => row.line.Length > LineLengthMax)
        .Select(row => new Finding(file.Path, row.number, $"{row.line.Length} characters, at most {LineLengthMax}"));

    public static IEnumerable<Finding> TypeNames(SourceFile file) =>
        Matches(file, file.Code, EmptyWord(), "a type name that says nothing");

    public static IEnumerable<Finding> Regions(SourceFile file) => Matches(file, file.Code, Region(), "a region");

    public static IEnumerable<Finding> Banners(SourceFile file) =>
        Matches(file, file.Text, Banner(), "a banner; a file that needs one is two files");

    public static IEnumerable<Finding> Unfinished(SourceFile file) =>
        Matches(file, file.Text, OpenEnd(), "unfinished; name an issue (`#12`) or finish it")
            .Concat(Matches(file, file.Code, NotDone(), "a stub"));

    public static IEnumerable<Finding> MachinePaths(SourceFile file) =>
        Matches(file, file.Text, MachinePath(), "a path of somebody's machine");

    /// <summary>
    /// A catch without code must say why in a comment and must name what it expects: not everything, and not
    /// <c>Exception</c> unless a filter narrows it.
    /// </summary>
    public static IEnumerable<Finding> SwallowedExceptions(SourceFile file)
    {
        foreach (Match match in EmptyCatch().Matches(file.Code))
        {
            var body = match.Groups["body"];
            var says = file.Text.Substring(body.Index, body.Length).Contains("//", StringComparison.Ordinal);
            var filter = match.Groups["filter"].Success;
            var type = match.Groups["type"].Value.Trim();
            var expects = type.Length > 0 && (filter || type.Split(' ')[0] is not ("Exception" or "System.Exception"));
            if (!says || !expects)
            {
                yield return new Finding(file.Path, file.LineOf(match.Index), says
                    ? "an empty catch of everything; catch the one that is expected"
                    : "an empty catch; say why nothing is done");
            }
        }
    }

    /// <summary>Tests wait on facts. <c>Eventually</c> is the one shared poll.</summary>
    public static IEnumerable<Finding> SleepingTests(SourceFile file) =>
        Path.GetFileName(file.Path) == "Eventually.cs"
            ? []
            : Matches(file, file.Code, Sleep(), "a test that sleeps; wait on a fact");

    public static IEnumerable<Finding> SkippedTests(SourceFile file) =>
        Matches(file, file.Code, Skip(), "a test that is skipped");

    private static IEnumerable<Finding> Matches(SourceFile file, string text, Regex pattern, string message) =>
        pattern.Matches(text).Select(match =>
            new Finding(file.Path, file.LineOf(match.Index), $"{message}: {match.Value.Trim()}"));

    [GeneratedRegex(@"\b(class|record|struct|interface|enum) +(struct +|class +)?\w*" +
        @"(Manager|Helper|Helpers|Util|Utils|Utility|Utilities|Common|Base|Impl|Processor)\b")]
    private static partial Regex EmptyWord();

    [GeneratedRegex(@"^\s*#(end)?region\b", RegexOptions.Multiline)]
    private static partial Regex Region();

    [GeneratedRegex(@"^\s*//\s*[-=*/#~]{5,}.*$", RegexOptions.Multiline)]
    private static partial Regex Banner();

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|XX" + @"X)\b(?![^\n]*#\d)")]
    private static partial Regex OpenEnd();

    [GeneratedRegex(@"\bNotImplementedException\b")]
    private static partial Regex NotDone();

    [GeneratedRegex(@"/(work|farm)/[a-z.]+|/tmp/[a-z]/|/home/[a-z]+/|/ro" + @"ot/|/Users/[A-Za-z]")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\bcatch\s*(\((?<type>[^)]*)\))?\s*(?<filter>when\s*\((?>[^()]|(?<open>\()|(?<-open>\)))*\)\s*)?" +
        @"\{(?<body>\s*)\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bTask\.Delay\b|\bThread\.SpinWait\b")]
    private static partial Regex Sleep();

    [GeneratedRegex(@"\bSkip\s*=(?!=)")]
    private static partial Regex Skip();
}
