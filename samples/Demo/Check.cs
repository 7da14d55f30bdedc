namespace Queued.Samples.Demo;

/// <summary>The results of the workers against those computed here.</summary>
/// <param name="Wrong">Files whose result differs.</param>
/// <param name="Lost">Files without a result.</param>
/// <param name="Surplus">Results without a file, or a second time.</param>
/// <param name="Examples">The first few of all of them.</param>
internal sealed record Check(int Wrong, int Lost, int Surplus, IReadOnlyList<string> Examples)
{
    public bool IsGood => Wrong + Lost + Surplus == 0;

    public static Check Compare(IReadOnlyDictionary<string, FileFacts> expected, IEnumerable<FileFacts> results)
    {
        var open = new Dictionary<string, FileFacts>(expected);
        var wrong = new List<string>();
        var surplus = new List<string>();
        foreach (var result in results)
        {
            if (!open.Remove(result.Path, out var here))
            {
                surplus.Add($"{result.Path}: a result too many");
            }
            else if (!result.Agrees(here))
            {
                wrong.Add($"{result.Path}: {result} instead of {here}");
            }
        }

        var lost = open.Keys.Select(path => $"{path}: no result");
        return new Check(wrong.Count, open.Count, surplus.Count, [.. wrong.Concat(surplus).Concat(lost).Take(10)]);
    }
}
