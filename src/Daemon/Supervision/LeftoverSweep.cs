namespace Queued.Daemon.Supervision;

/// <summary>
/// At the start: kills workers of earlier daemons on the same data directory, which nobody but us may use by now. Their
/// guard has done so before, unless it was killed as well.
/// </summary>
internal static class LeftoverSweep
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(2);

    internal static int Run(string dataDirectory, string instanceId) =>
        ProcSweep.KillAll(marks => marks.Data == dataDirectory && marks.Instance != instanceId, TimeMax);
}
