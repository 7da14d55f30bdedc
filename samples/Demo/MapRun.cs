namespace Queued.Samples.Demo;

/// <summary>One map over all files.</summary>
/// <param name="Results">In the order in which they came.</param>
/// <param name="Time">From the first input to the last result.</param>
internal sealed record MapRun(IReadOnlyList<FileFacts> Results, TimeSpan Time);
