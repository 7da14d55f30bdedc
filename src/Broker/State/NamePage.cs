namespace Queued.Broker;

/// <summary>Names in their order, from any point on, without looking at those before it.</summary>
internal static class NamePage
{
    /// <param name="after">Empty: from the first on.</param>
    public static IEnumerable<string> After(SortedSet<string> names, string after)
    {
        if (after.Length == 0) return names;
        return names.Max is { } last && string.CompareOrdinal(after, last) < 0
            ? names.GetViewBetween(after, last).Where(name => name != after)
            : [];
    }
}
