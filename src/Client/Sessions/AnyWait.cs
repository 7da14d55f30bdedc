using Google.Protobuf.WellKnownTypes;
using Queued.Client.Pipes;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Sessions;

/// <summary>
/// A wait for the first of several things. What a pipe has is known here, as it comes here by itself; the rest the
/// daemon is asked for.
/// </summary>
internal sealed class AnyWait
{
    /// <summary>The daemon's limit for one wait.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);

    private readonly ClientSession _session;
    private readonly TimeProvider _clock;
    private readonly List<(int Place, PipeReceiver Receiver)> _pipes = [];
    private readonly List<int> _places = [];
    private readonly Proto.WaitAnyRequest _request = new();

    private SessionConnection? _used;

    private AnyWait(ClientSession session, TimeProvider clock)
    {
        _session = session;
        _clock = clock;
    }

    public static async Task<IReadOnlyList<int>> RunAsync(
        ClientSession session,
        TimeProvider clock,
        IReadOnlyList<WaitTarget> targets,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var wait = new AnyWait(session, clock);
        for (var place = 0; place < targets.Count; place++)
        {
            if (targets[place].PipeEnd is { } end)
            {
                var link = await end.OpenToReceiveAsync(cancellationToken).ConfigureAwait(false);
                wait._pipes.Add((place, link.Receiver));
            }
            else
            {
                if (targets[place].UseAsync is { } use)
                    wait.Join(await use(cancellationToken).ConfigureAwait(false));
                wait._places.Add(place);
                wait._request.Targets.Add(targets[place].Wire);
            }
        }

        return await wait.RunAsync(timeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A use is one of its session. Where that is lost the wait fails there, rather than to miss it in another one.
    /// </summary>
    private void Join(SessionConnection connection)
    {
        if (_used is null or { IsLost: false })
            _used = connection;
    }

    private async Task<IReadOnlyList<int>> RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var begun = _clock.GetTimestamp();
        while (true)
        {
            var left = timeout == Timeout.InfiniteTimeSpan ? WaitMax : timeout - _clock.GetElapsedTime(begun);
            if (left < TimeSpan.Zero || _pipes.Exists(pipe => pipe.Receiver.IsReady))
                left = TimeSpan.Zero;
            var ready = _places.Count == 0
                ? await WaitHereAsync(left, cancellationToken).ConfigureAwait(false)
                : await WaitThereAsync(left < WaitMax ? left : WaitMax, cancellationToken).ConfigureAwait(false);
            ready.AddRange(_pipes.Where(pipe => pipe.Receiver.IsReady).Select(pipe => pipe.Place));
            if (ready.Count > 0 || left == TimeSpan.Zero)
            {
                ready.Sort();
                return ready;
            }
        }
    }

    private async Task<List<int>> WaitHereAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait > TimeSpan.Zero)
        {
            var arrivals = _pipes.Select(pipe => pipe.Receiver.Arrival()).ToArray();
            await ArrivalWait.AnyAsync(arrivals, wait, cancellationToken).ConfigureAwait(false);
        }

        return [];
    }

    /// <summary>The daemon's answer, or what it has when something comes to a pipe before.</summary>
    private async Task<List<int>> WaitThereAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var request = _request.Clone();
        request.Wait = Duration.FromTimeSpan(wait);
        var operation = new Proto.SessionOperation { WaitAny = request };
        var asking = (_used ?? _session.Current).CallAsync(operation, ending.Token);
        if (wait > TimeSpan.Zero)
        {
            await Task.WhenAny([asking, .. _pipes.Select(pipe => pipe.Receiver.Arrival())]).ConfigureAwait(false);
            if (!asking.IsCompleted)
                await ending.CancelAsync().ConfigureAwait(false);
        }

        try
        {
            var result = await asking.ConfigureAwait(false);
            return [.. result.WaitAny.Ready.Select(place => _places[(int)place])];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }
}
