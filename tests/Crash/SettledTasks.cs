using Queued.Client;

namespace Queued.Crash;

/// <summary>Numbers of tasks that are over: about one bit for each, since a long run has millions.</summary>
internal sealed class SettledTasks
{
    private readonly Dictionary<ulong, ulong> _words = [];

    public void Add(TaskId id) =>
        _words[id.Value / 64] = _words.GetValueOrDefault(id.Value / 64) | (1UL << (int)(id.Value % 64));

    public bool Contains(TaskId id) =>
        _words.TryGetValue(id.Value / 64, out var word) && (word & (1UL << (int)(id.Value % 64))) != 0;
}
