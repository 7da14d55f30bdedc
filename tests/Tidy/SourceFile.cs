namespace Queued.Tidy.Tests;

/// <summary>One file. <see cref="Code"/> has the same length and lines as <see cref="Text"/>.</summary>
internal sealed class SourceFile(string path, string text)
{
    private string? _code;

    public string Path { get; } = path;

    public string Text { get; } = text;

    /// <summary>The C# without the content of its comments, strings and character literals.</summary>
    public string Code => _code ??= CSharpText.WithoutCommentsAndStrings(Text);

    public string[] Lines => Text.Split('\n');

    public bool IsUnder(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public int LineOf(int index) => Text.AsSpan(0, index).Count('\n') + 1;
}
