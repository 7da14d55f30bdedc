using System.Text;
using Spectre.Console;

namespace Queued.Cli.Rendering;

/// <summary>Rows under headings: drawn on a terminal, else plain columns, whole and without colours.</summary>
internal sealed class TableView(params string[] columns)
{
    private const int ColumnGap = 2;
    private const int DrawnGap = 3;
    private const int LastColumnMin = 12;

    private readonly List<string[]> _rows = [];

    /// <summary>The cells are made safe here, so that no caller can forget.</summary>
    public void Add(params string?[] cells) =>
        _rows.Add(Array.ConvertAll(cells, cell => string.IsNullOrEmpty(cell) ? "-" : SafeText.Line(cell)));

    public string Render(Terminal terminal) =>
        terminal.IsOutputTerminal && !terminal.IsPlain ? Drawn(terminal) : Plain();

    /// <summary>Only the last column may be broken into lines; where the others do not fit, it is not drawn.</summary>
    private string Drawn(Terminal terminal)
    {
        using var writer = new StringWriter();
        IAnsiConsole console = terminal.OutputConsole(writer);
        if (Widths()[..^1].Sum(width => width + DrawnGap) + LastColumnMin > console.Profile.Width)
            return Plain();

        var table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold)))
            {
                NoWrap = column != columns[^1],
            });
        }

        foreach (string[] row in _rows)
            table.AddRow(row.Select((cell, index) => new Text(cell, StateColours.Of(columns[index], cell))));
        console.Write(table);
        return writer.ToString();
    }

    private string Plain()
    {
        int[] widths = Widths();
        var text = new StringBuilder();
        Append(text, columns, widths);
        foreach (string[] row in _rows)
            Append(text, row, widths);
        return text.ToString();
    }

    private int[] Widths() => [.. columns.Select((column, index) => _rows
        .Select(row => row[index].Length)
        .Append(column.Length)
        .Max())];

    private static void Append(StringBuilder text, string[] cells, int[] widths)
    {
        for (int index = 0; index < cells.Length; index++)
        {
            bool last = index == cells.Length - 1;
            text.Append(last ? cells[index] : cells[index].PadRight(widths[index] + ColumnGap));
        }

        text.Append('\n');
    }
}
