using System.Text.RegularExpressions;

namespace Queued.Client.Tests;

/// <summary>docs/errors.md and the client's table are the same table.</summary>
public sealed partial class ErrorTableTests
{
    [Fact]
    public void Every_documented_reason_has_its_documented_exception()
    {
        var documented = Row().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "errors.md")))
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        Assert.NotEmpty(documented);
        var mapped = ErrorMapping.Rows.Values
            .Where(row => !ErrorMapping.MadeHere.Contains(row.Reason))
            .ToDictionary(row => row.Reason, row => row.Exception.Name);
        Assert.Equal(documented.OrderBy(pair => pair.Key), mapped.OrderBy(pair => pair.Key));
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
