namespace Queued.Broker;

/// <summary>Tells those who wait for one thing or several that something can be had, or has ended.</summary>
internal sealed class Readiness(Turn turn, Waits waits, BrokerLimits limits)
{
    /// <summary>The answer for these things as they are now.</summary>
    public static Response.Ready Of(IReadOnlyList<IReadySource> sources)
    {
        var ready = new List<int>();
        for (var at = 0; at < sources.Count; at++)
        {
            if (sources[at].IsReady) ready.Add(at);
        }

        return new Response.Ready(ready);
    }

    /// <summary>Answers at once where something is ready or nobody would wait; else it waits for the first.</summary>
    public void Watch(
        RequestId request, SessionEntry session, IReadOnlyList<IReadySource> sources, TimeSpan wait,
        bool isPoll = false)
    {
        var now = Of(sources);
        if (now.Targets.Count > 0 || wait == TimeSpan.Zero) turn.Reply(request, now);
        else if (session.ReadyWatches + sources.Count > limits.WatchesPerSessionMax)
            turn.Refuse(request, Rejections.Limit(
                nameof(BrokerLimits.WatchesPerSessionMax), limits.WatchesPerSessionMax,
                "things that one session watches"));
        else if (waits.RefuseMore(session) is { } refusal) turn.Refuse(request, refusal);
        else waits.Begin(new ReadyWait(request, session, sources, isPoll), wait);
    }

    /// <summary>
    /// It may have become ready. Said when those who take from it have taken: what they left decides.
    /// </summary>
    public void BecameReady(IReadySource source)
    {
        while (source.IsReady && source.Watches?.First is { Wait: var wait })
        {
            var ready = wait.ReadyNow();
            wait.Leave();
            waits.End(wait, ready);
        }
    }

    /// <summary>For tests.</summary>
    /// <returns>How many watch it.</returns>
    internal static int Verify(IReadySource source)
    {
        if (source.Watches is not { Count: > 0 } watches) return 0;
        Invariant.Require(!source.IsReady);
        foreach (var watch in watches.Items) Invariant.Require(watch.Wait.IsOpen && watch.Source == source);
        return watches.Count;
    }

    /// <summary>It is no more, and whoever waits for it hears this.</summary>
    public void Gone(IReadySource source, Rejection rejection)
    {
        while (source.Watches?.First is { } watch) waits.Refuse(watch.Wait, watch.Wait.At(source, rejection));
    }
}
