namespace Queued.Tidy.Tests;

/// <summary>What a rule says of a place.</summary>
internal sealed record Finding(string Path, int Line, string Message)
{
    public override string ToString() => $"{Path}:{Line}: {Message}";

    public static void None(IEnumerable<Finding> findings)
    {
        var lines = findings.Select(finding => finding.ToString()).ToArray();
        Assert.True(lines.Length == 0, $"{lines.Length} findings:\n{string.Join('\n', lines)}");
    }

    public static void None(IEnumerable<SourceFile> files, Func<SourceFile, IEnumerable<Finding>> rule) =>
        None(files.SelectMany(rule));
}
