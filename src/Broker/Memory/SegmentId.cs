using System.Globalization;

namespace Queued.Broker;

/// <summary>Number of a memory segment: never given twice, also not by another daemon's life. 0: none.</summary>
public readonly record struct SegmentId(ulong Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
