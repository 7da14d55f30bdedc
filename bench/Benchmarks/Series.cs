using System.Globalization;

namespace Queued.Benchmarks;

/// <summary>The values of one thing over the rounds of a run.</summary>
internal sealed class Series
{
    private readonly List<double> _values = [];

    public IReadOnlyList<double> Values => _values;

    public double Median => At(0.5);

    public void Add(double value) => _values.Add(value);

    public void Clear() => _values.Clear();

    public double At(double share)
    {
        var sorted = _values.Order().ToArray();
        return sorted[Math.Min((int)(share * sorted.Length), sorted.Length - 1)];
    }

    /// <summary>The ratio of each round: both were measured one right after the other.</summary>
    public static Series Ratio(Series of, Series to)
    {
        var ratio = new Series();
        for (var round = 0; round < of._values.Count; round++) ratio.Add(of._values[round] / to._values[round]);
        return ratio;
    }

    /// <summary>The median, and in brackets the least and the most.</summary>
    public string Show(string format) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Median.ToString(format, CultureInfo.InvariantCulture)} " +
        $"({_values.Min().ToString(format, CultureInfo.InvariantCulture)}–" +
        $"{_values.Max().ToString(format, CultureInfo.InvariantCulture)})");
}
