namespace Queued.Broker.Tests.Limits;

/// <summary>A rejection must say which limit it was, under the name that it has in the settings.</summary>
internal static class LimitNames
{
    public static void AssertNames(string limit, Rejection? rejection)
    {
        Assert.NotNull(rejection);
        Assert.True(
            Plain(rejection.Resource ?? "") == Plain(limit),
            $"The limit is {limit}; the rejection names '{rejection.Resource}': {rejection}");
    }

    public static void AssertField(string field, Rejection? rejection)
    {
        Assert.NotNull(rejection);
        Assert.Equal(RejectionReason.InvalidRequest, rejection.Reason);
        Assert.NotNull(rejection.Field);
        Assert.Contains(Plain(field), Plain(rejection.Field));
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
