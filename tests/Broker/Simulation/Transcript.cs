using System.Text;

namespace Queued.Broker.Tests.Simulation;

/// <summary>What happened in a world: a hash over everything, and the last events in words.</summary>
internal sealed class Transcript
{
    private readonly Queue<(Now Now, object What)> _last = new();

    public ulong Hash { get; private set; } = 14695981039346656037;

    public void Add(Now now, Command? command, List<Effect> effects)
    {
        Mix((ulong)now.Monotonic.Ticks);
        if (command is not null) Keep(now, command);
        foreach (var effect in effects)
        {
            Mix(EffectHash.Of(effect));
            Keep(now, effect);
        }
    }

    /// <summary>Something that is neither a command nor an effect.</summary>
    public void Mark(Now now, string what) => Keep(now, what);

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (now, what) in _last)
        {
            text.Append($"{now.Monotonic.Ticks / 10_000.0,12:0.0000} ms  ")
                .Append(what is Effect ? "    " : "")
                .AppendLine(EventText.Show(what));
        }

        return text.ToString();
    }

    private void Keep(Now now, object what)
    {
        if (_last.Count == SimulationSettings.Last) _last.Dequeue();
        _last.Enqueue((now, what));
    }

    private void Mix(ulong value) => Hash = (Hash ^ value) * 1099511628211;
}
