using System.Text;

namespace Queued.Cli.Rendering;

/// <summary>One thing as lines of name and value, the values in one column; fields without one are left out.</summary>
internal sealed class FieldsView
{
    private readonly List<(string Name, string Value)> _fields = [];

    public void Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _fields.Add((name, SafeText.Line(value)));
    }

    /// <summary>A value of several lines, set in under its name.</summary>
    public void AddBlock(string name, string? value)
    {
        string block = SafeText.Block(value).TrimEnd('\n');
        if (block.Length > 0)
            _fields.Add((name, "\n  " + block.Replace("\n", "\n  ", StringComparison.Ordinal)));
    }

    public string Render()
    {
        int width = _fields.Count == 0 ? 0 : _fields.Max(field => field.Name.Length) + 2;
        var text = new StringBuilder();
        foreach ((string name, string value) in _fields)
        {
            bool block = value.StartsWith('\n');
            text.Append(block ? name + ":" : (name + ":").PadRight(width)).Append(value).Append('\n');
        }

        return text.ToString();
    }
}
