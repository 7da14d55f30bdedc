using System.Runtime.CompilerServices;

namespace Queued.Broker.Tests.Limits;

/// <summary>A limit that no test reaches is a number on paper.</summary>
public sealed class EveryLimitTests
{
    [Fact]
    public void Every_limit_is_reached_by_a_test()
    {
        var tests = string.Concat(Directory.GetFiles(Folder(), "*Tests.cs").Select(File.ReadAllText));
        var unreached = typeof(BrokerLimits).GetProperties()
            .Select(property => property.Name)
            .Where(name => name != "EqualityContract" && !tests.Contains(name, StringComparison.Ordinal));
        Assert.Empty(unreached);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
