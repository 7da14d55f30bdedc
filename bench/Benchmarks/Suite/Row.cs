using System.Globalization;
using System.Text.Json.Serialization;

namespace Queued.Benchmarks;

/// <summary>What a figure must be and should be.</summary>
/// <param name="Must">Null: it is only shown.</param>
internal sealed record Target(bool IsAtLeast, double? Must, double? Aim)
{
    public static Target AtLeast(double must, double? aim = null) => new(true, must, aim);

    public static Target AtMost(double must, double? aim = null) => new(false, must, aim);

    /// <summary>Nothing is promised.</summary>
    public static Target Shown(bool moreIsBetter) => new(moreIsBetter, null, null);

    public string Show(double? value) => value is { } number
        ? (IsAtLeast ? "≥ " : "≤ ") + number.ToString("#,##0.###", CultureInfo.InvariantCulture)
        : "";

    public string Verdict(double figure) => Must is null ? "–"
        : Aim is { } aim && Reaches(figure, aim) ? "yes, and the aim"
        : Reaches(figure, Must.Value) ? "yes"
        : "**no**";

    private bool Reaches(double figure, double goal) => IsAtLeast ? figure >= goal : figure <= goal;
}

/// <summary>One figure beside its target.</summary>
/// <param name="Values">Of each round. Null: who is compared was missing, or broke.</param>
internal sealed record Row(string What, string Unit, Target Target, Series? Values)
{
    [JsonIgnore]
    public string Verdict => Values is null ? "not measured" : Target.Verdict(Values.Median);
}

/// <summary>Who could not take part, and why.</summary>
internal sealed record Missing(string Name, string Why);

/// <summary>Something that was measured and is not compared.</summary>
internal sealed record Figure(string What, string Unit, Series Values);

/// <summary>What came of a contest.</summary>
/// <param name="Item">What is counted: a task, a message.</param>
internal sealed record ContestResult(string Title, string Item, IReadOnlyList<ContenderFigures> Contenders);

/// <summary>A curve of a plot.</summary>
internal sealed record Curve(string Name, double[] X, double[] Y);

/// <summary>A plot of some curves. Both axes may be logarithmic.</summary>
internal sealed record Plot(string Name, string Title, string XLabel, string YLabel, bool IsYLog, Curve[] Curves);
