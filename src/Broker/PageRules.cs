using System.Diagnostics.CodeAnalysis;

namespace Queued.Broker;

/// <summary>How long the pages of a list are.</summary>
internal static class PageRules
{
    private const int SizeDefault = 100;

    public static bool TryRead(
        int asked, BrokerLimits limits, out int size, [NotNullWhen(false)] out Rejection? refusal)
    {
        size = asked == 0 ? Math.Min(SizeDefault, limits.PageSizeMax) : asked;
        refusal = size > 0 && size <= limits.PageSizeMax
            ? null
            : Rejections.Invalid("page_size", $"The page_size must be between 1 and {limits.PageSizeMax}.");
        return refusal is null;
    }
}
