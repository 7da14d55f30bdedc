using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Queued.Client;

/// <summary>The number of a task: above 0, below 2^53, and never given twice by one daemon.</summary>
/// <param name="Value">The number.</param>
public readonly record struct TaskId(ulong Value) : IComparable<TaskId>, ISpanParsable<TaskId>
{
    /// <summary>Reads a number as <see cref="ToString"/> writes it.</summary>
    /// <param name="s">Decimal digits.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="FormatException"><paramref name="s"/> is not a number above 0.</exception>
    public static TaskId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static TaskId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException($"'{s}' is not the number of a task.");

    /// <summary>Reads a number as <see cref="ToString"/> writes it.</summary>
    /// <param name="s">Decimal digits.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The id, where it is one.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TaskId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out TaskId)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out TaskId result)
    {
        var good = ulong.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0;
        result = good ? new TaskId(value) : default;
        return good;
    }

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out TaskId)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out TaskId result) =>
        TryParse(s.AsSpan(), null, out result);

    /// <summary>Earlier tasks have smaller numbers.</summary>
    /// <param name="other">The other id.</param>
    /// <returns>Less than 0 where this one is earlier.</returns>
    public int CompareTo(TaskId other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left task was submitted before the right one.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    public static bool operator <(TaskId left, TaskId right) => left.Value < right.Value;

    /// <summary>Whether the left task was submitted after the right one.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    public static bool operator >(TaskId left, TaskId right) => left.Value > right.Value;

    /// <summary>Whether the left task is the right one or was submitted before it.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    public static bool operator <=(TaskId left, TaskId right) => left.Value <= right.Value;

    /// <summary>Whether the left task is the right one or was submitted after it.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    public static bool operator >=(TaskId left, TaskId right) => left.Value >= right.Value;

    /// <summary>The number in decimal digits.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
