namespace Queued.Broker;

/// <summary>
/// Something that has one next deadline at a time. The deadline is kept where it stands in line: most have none.
/// </summary>
internal abstract class Timed
{
    private int _place;

    public bool HasTimer => _place != 0;

    internal static ref int PlaceOf(Timed timed) => ref timed._place;
}

/// <summary>When something is due.</summary>
internal readonly record struct Deadline(Instant Due, Timed Timed)
{
    internal readonly struct ByDue : IHeapOrder<Deadline>
    {
        public static bool IsBefore(Deadline left, Deadline right) => left.Due < right.Due;

        public static ref int Place(Deadline item) => ref Timed.PlaceOf(item.Timed);
    }
}
