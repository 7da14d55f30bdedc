namespace Queued.Daemon.Supervision;

/// <summary>What a worker runs.</summary>
/// <param name="Command">Program and arguments.</param>
/// <param name="Environment">All of it.</param>
/// <param name="Directory">Absolute.</param>
internal sealed record LaunchPlan(
    IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment, string Directory);
