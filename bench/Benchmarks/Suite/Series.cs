using System.Globalization;
using System.Text.Json.Serialization;

namespace Queued.Benchmarks;

/// <summary>The values of one thing over the rounds of a run.</summary>
internal sealed class Series
{
    private readonly List<double> _values;

    public Series() => _values = [];

    [JsonConstructor]
    public Series(IReadOnlyList<double> values) => _values = [.. values];

    public IReadOnlyList<double> Values => _values;

    [JsonIgnore]
    public double Median => At(0.5);

    public void Add(double value) => _values.Add(value);

    public double At(double share)
    {
        var sorted = _values.Order().ToArray();
        return sorted[Math.Min((int)(share * sorted.Length), sorted.Length - 1)];
    }

    /// <summary>The ratio of each round: both were measured one right after the other.</summary>
    public static Series Ratio(Series of, Series to) => Pairs(of, to, (left, right) => left / right);

    public static Series Difference(Series of, Series from) => Pairs(of, from, (left, right) => left - right);

    public Series Times(double factor) => new([.. _values.Select(value => factor * value)]);

    /// <summary>The median, and in brackets the least and the most.</summary>
    public string Show()
    {
        var format = FormatOf(_values.Max(Math.Abs));
        return _values.Count == 1
            ? Text(_values[0])
            : $"{Text(Median)} ({Text(_values.Min())}–{Text(_values.Max())})";

        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>Three digits that count, and not less than one.</summary>
    public static string FormatOf(double value) => Math.Abs(value) switch
    {
        >= 1e4 => "#,##0",
        >= 100 => "0",
        >= 10 => "0.0",
        >= 0.1 or 0 => "0.00",
        _ => "0.0000",
    };

    private static Series Pairs(Series left, Series right, Func<double, double, double> combine) =>
        new([.. left._values.Zip(right._values, combine)]);
}
