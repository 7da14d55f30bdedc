using System.Text.RegularExpressions;

namespace Queued.Client.Tests;

/// <summary>docs/errors.md and the client's table are the same table.</summary>
public sealed partial class ErrorTableTests
{
    private const string MadeHere = "## Made by the client";

    [Fact]
    public void Every_reason_of_the_daemon_has_its_documented_exception()
    {
        var mapped = ErrorMapping.Rows.Values
            .Where(row => !ErrorMapping.MadeHere.Contains(row.Reason))
            .Select(row => (row.Reason, row.Exception.Name));
        Assert.Equal(mapped.Order(), Documented(section: 0));
    }

    [Fact]
    public void Every_reason_of_the_client_has_its_documented_exception()
    {
        TaskState[] ends = [TaskState.Failed, TaskState.Cancelled, TaskState.TimedOut, TaskState.Expired];
        var ofTasks = ends
            .Select(state => TaskUnsuccessfulException.From(new TaskOutcome { Id = new TaskId(1), State = state }))
            .Select(error => (error.Reason, error.GetType().Name));
        var mapped = ErrorMapping.Rows.Values
            .Where(row => ErrorMapping.MadeHere.Contains(row.Reason))
            .Select(row => (row.Reason, row.Exception.Name));
        Assert.Equal(mapped.Concat(ofTasks).Order(), Documented(section: 1));
    }

    [Fact]
    public void Every_exception_of_the_client_is_in_one_of_the_tables()
    {
        var documented = Documented(0).Concat(Documented(1)).Select(row => row.Exception).ToHashSet();
        var leaves = typeof(QueuedException).Assembly.GetExportedTypes()
            .Where(type => type.IsSubclassOf(typeof(QueuedException)) && !type.IsAbstract);
        Assert.All(leaves, type => Assert.Contains(type.Name, documented));
    }

    [Fact]
    public void Every_row_makes_the_exception_that_it_names()
    {
        foreach (var row in ErrorMapping.Rows.Values)
        {
            var error = ErrorMapping.Make(new ErrorDetails(row.Reason, "text"));
            Assert.IsType(row.Exception, error);
            Assert.Equal((row.Reason, row.IsTransient, "text"), (error.Reason, error.IsTransient, error.Message));
            Assert.True(row.Exception.IsSealed);
        }
    }

    [Fact]
    public void Enums_mirror_the_contract()
    {
        Same<Protocol.V1.TaskState, TaskState>();
        Same<Protocol.V1.FailureKind, FailureKind>();
        Same<Protocol.V1.QueueState, QueueState>();
        Same<Protocol.V1.PoolState, PoolState>();
        Same<Protocol.V1.WorkerState, WorkerState>();
        Same<Protocol.V1.LogSource, LogSource>();
        Same<Protocol.V1.Durability, Durability>();
    }

    private static List<(string Reason, string Exception)> Documented(int section)
    {
        var sections = File.ReadAllText(Path.Combine(Root(), "docs", "errors.md")).Split(MadeHere);
        Assert.Equal(2, sections.Length);
        return Row().Matches(sections[section])
            .Select(match => (match.Groups[1].Value, match.Groups[2].Value))
            .Order()
            .ToList();
    }

    private static void Same<TWire, TOurs>()
        where TWire : struct, Enum
        where TOurs : struct, Enum =>
        Assert.Equal(Enum.GetValues<TWire>().Select(value => Convert.ToInt32(value, null)),
            Enum.GetValues<TOurs>().Select(value => Convert.ToInt32(value, null)));

    private static string Root()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Queue.sln")))
            directory = Path.GetDirectoryName(directory)
                ?? throw new InvalidOperationException("Not inside the repository.");
        return directory;
    }

    [GeneratedRegex(@"^\| `([A-Z_]+)` \|.*\| `(\w+Exception)` \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
