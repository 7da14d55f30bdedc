namespace Queued.Broker;

/// <summary>Something that has one next deadline at a time.</summary>
internal abstract class Timed
{
    private int _place;

    public Instant TimerDue { get; set; } = Instant.Never;

    public bool HasTimer => _place != 0;

    internal readonly struct ByDue : IHeapOrder<Timed>
    {
        public static bool IsBefore(Timed left, Timed right) => left.TimerDue < right.TimerDue;

        public static ref int Place(Timed item) => ref item._place;
    }
}
