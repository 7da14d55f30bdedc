using System.Numerics;

namespace Queued.Broker;

/// <summary>
/// A place for each of the 256 priorities, and a bit for each that holds something: where priorities take turns, levels
/// fill and empty all the time, and that must cost no walk.
/// </summary>
internal sealed class ReadyLevels
{
    private const int BitsOfWord = 64;

    /// <summary>By priority, the lowest first. One that was used stays.</summary>
    private readonly ReadyLevel?[] _levels = new ReadyLevel?[byte.MaxValue + 1];

    private readonly ulong[] _filled = new ulong[(byte.MaxValue + 1) / BitsOfWord];

    public ReadyLevel? Highest
    {
        get
        {
            for (var word = _filled.Length - 1; word >= 0; word--)
            {
                if (_filled[word] is not 0 and var bits)
                    return _levels[(word * BitsOfWord) + BitOperations.Log2(bits)];
            }

            return null;
        }
    }

    public ReadyLevel? Lowest
    {
        get
        {
            for (var word = 0; word < _filled.Length; word++)
            {
                if (_filled[word] is not 0 and var bits)
                    return _levels[(word * BitsOfWord) + BitOperations.TrailingZeroCount(bits)];
            }

            return null;
        }
    }

    /// <summary>Those that hold something, the highest first.</summary>
    public IEnumerable<ReadyLevel> Filled
    {
        get
        {
            for (var place = _levels.Length - 1; place >= 0; place--)
            {
                if ((_filled[place / BitsOfWord] & BitOf(place)) != 0) yield return _levels[place]!;
            }
        }
    }

    public ReadyLevel Of(sbyte priority) => _levels[PlaceOf(priority)] ??= new ReadyLevel(priority);

    /// <summary>Null: nothing is ready with this priority.</summary>
    public ReadyLevel? FindFilled(sbyte priority)
    {
        var place = PlaceOf(priority);
        return (_filled[place / BitsOfWord] & BitOf(place)) == 0 ? null : _levels[place];
    }

    public void Add(ReadyLevel level) => _levels[PlaceOf(level.Priority)] = level;

    public void Fill(sbyte priority)
    {
        var place = PlaceOf(priority);
        _filled[place / BitsOfWord] |= BitOf(place);
    }

    public void Empty(sbyte priority)
    {
        var place = PlaceOf(priority);
        _filled[place / BitsOfWord] &= ~BitOf(place);
    }

    private static int PlaceOf(sbyte priority) => priority - sbyte.MinValue;

    private static ulong BitOf(int place) => 1UL << (place % BitsOfWord);
}
