using Grpc.Core;
using Queued.Broker;
using Queued.Daemon.Edge;

namespace Queued.Daemon.Tests.Edge;

public sealed class ErrorPageTests
{
    private static readonly Dictionary<string, StatusCode> Page = File.ReadLines(PageOfErrors())
        .TakeWhile(line => line != "## Made by the client")
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .ToDictionary(row => row[1].Trim('`'), row => Codes[row[2].Trim('`')]);

    private static Dictionary<string, StatusCode> Codes => Enum.GetValues<StatusCode>().ToDictionary(
        code => string.Concat(code.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{c}"))
            .ToUpperInvariant());

    [Fact]
    public void The_page_of_errors_is_the_table_that_the_daemon_uses()
    {
        Assert.Equal(
            RpcErrors.Table.OrderBy(row => row.Key, StringComparer.Ordinal),
            Page.OrderBy(row => row.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_reason_of_the_core_has_a_status()
    {
        foreach (var reason in Enum.GetValues<RejectionReason>())
        {
            Assert.True(RpcErrors.Table.ContainsKey(RpcErrors.ReasonOf(reason)), reason.ToString());
        }
    }

    [Fact]
    public void Every_row_says_what_it_means_what_to_do_and_what_the_client_throws()
    {
        foreach (var line in File.ReadLines(PageOfErrors()).Where(line =>
            line.StartsWith("| `", StringComparison.Ordinal)))
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            Assert.Equal(7, cells.Length);
            Assert.All(cells[1..6], cell => Assert.NotEmpty(cell));
            Assert.EndsWith("Exception`", cells[5], StringComparison.Ordinal);
        }
    }

    private static string PageOfErrors()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Queue.sln"))) directory = Path.GetDirectoryName(directory)!;
        return Path.Combine(directory, "docs", "errors.md");
    }
}
