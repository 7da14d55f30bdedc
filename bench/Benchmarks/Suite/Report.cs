using System.Text.Encodings.Web;
using System.Text.Json;

namespace Queued.Benchmarks;

/// <summary>All that one benchmark found. It is written as JSON, and every table and plot is made from that.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public required string Name { get; init; }

    public required Conditions Conditions { get; init; }

    public List<Row> Rows { get; init; } = [];

    public List<ContestResult> Contests { get; init; } = [];

    public List<Figure> Figures { get; init; } = [];

    public List<Plot> Plots { get; init; } = [];

    public List<Missing> Missing { get; init; } = [];

    /// <summary>What broke, with its output. With any of them the run has failed.</summary>
    public List<string> Failures { get; init; } = [];

    public void Save(string folder) =>
        File.WriteAllText(PathOf(folder, Name), JsonSerializer.Serialize(this, Json) + "\n");

    /// <returns>Null: it has not run.</returns>
    public static Report? Load(string folder, string name) => File.Exists(PathOf(folder, name))
        ? JsonSerializer.Deserialize<Report>(File.ReadAllText(PathOf(folder, name)), Json)
        : null;

    private static string PathOf(string folder, string name) => Path.Combine(folder, name + ".json");
}
