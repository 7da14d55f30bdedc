namespace Queued.Client.Maps;

/// <summary>
/// How many inputs the next task of a map takes. Short inputs share a task of about <see cref="Aim"/>, long enough to
/// hide the cost of a task and short enough to keep every worker busy to the end.
/// </summary>
internal sealed class ChunkSizer
{
    private static readonly TimeSpan Aim = TimeSpan.FromMilliseconds(2.5);
    private const double Weight = 0.3;
    private readonly bool _isFixed;
    private readonly int _most;
    private double _microsecondsPerInput;
    private int _size;

    /// <param name="fixedSize">Given by the caller. Null: measure.</param>
    /// <param name="window">Most inputs under way.</param>
    /// <param name="mayGrow">False: one input for each task.</param>
    public ChunkSizer(int? fixedSize, int window, bool mayGrow)
    {
        _isFixed = fixedSize is not null || !mayGrow;
        _size = Math.Min(fixedSize ?? 1, window);

        // The window holds several chunks for every core, or the last chunk would run alone.
        _most = Math.Clamp(window / (4 * Environment.ProcessorCount), 1, 10_000);
    }

    public int Size => Volatile.Read(ref _size);

    /// <summary>Whether the first result decides how to go on.</summary>
    public bool IsMeasuring => !_isFixed;

    /// <summary>A task of so many inputs took so long, and its handler reads chunks.</summary>
    public void Measured(int inputs, TimeSpan elapsed)
    {
        if (_isFixed)
            return;
        var perInput = Math.Max(elapsed.TotalMicroseconds / inputs, 0.01);
        _microsecondsPerInput = _microsecondsPerInput == 0
            ? perInput
            : _microsecondsPerInput + (Weight * (perInput - _microsecondsPerInput));
        var wanted = (int)Math.Min(Aim.TotalMicroseconds / _microsecondsPerInput, _most);
        _size = Math.Clamp(wanted, 1, Math.Min(Math.Max(_size, inputs) * 4, _most));
    }

    /// <summary>The results of so many inputs did not fit into one task.</summary>
    public void Overflowed(int inputsThatFitted) => _size = Math.Clamp(inputsThatFitted / 2, 1, _size);
}
