namespace Queued.Worker.Runtime;

/// <summary>
/// Decides how many attempts the daemon may have given to this worker without an answer: as many as it has slots
/// while handlers take long, so that none waits here that another worker could run; more while they are short, so
/// that the slots do not wait for the wire.
/// </summary>
internal sealed class CreditWindow(int slots, int creditsMax)
{
    internal const int SizeMax = 256;

    // The weight of the latest attempt in the average: one long attempt ends the prefetching, some dozen short ones
    // bring it back.
    private const double Weight = 0.125;
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);
    private readonly int _least = slots;
    private readonly int _most = Math.Max(slots, Math.Min(SizeMax, creditsMax));
    private double _averageTicks;
    private int _settledAtSize;
    private int _outstanding;

    /// <summary>How many credits and unsettled attempts there may be.</summary>
    internal int Size { get; private set; } = slots;

    /// <summary>An attempt ended after its handler ran this long.</summary>
    internal void Settled(TimeSpan elapsed)
    {
        _outstanding--;
        _averageTicks += (elapsed.Ticks - _averageTicks) * Weight;
        if (_averageTicks >= Short.Ticks)
            Shrink();
        else if (++_settledAtSize >= Size && Size < _most)
        {
            Size = Math.Min(Size * 2, _most);
            _settledAtSize = 0;
        }
    }

    /// <summary>An attempt was given back.</summary>
    internal void Released() => _outstanding--;

    /// <summary>Nothing has begun for long: no prefetching until attempts are short again.</summary>
    internal void Shrink()
    {
        Size = _least;
        _settledAtSize = 0;
    }

    /// <summary>Credits to give now. What is outstanding above the size is not given again.</summary>
    internal int Grant()
    {
        var credits = Math.Max(0, Size - _outstanding);
        _outstanding += credits;
        return credits;
    }
}
