using Queued.Broker;

namespace Queued.Daemon.Edge;

/// <summary>
/// Results in segments that a stream was told of. The core counts one use for each; the client may be sent it several
/// times (it submitted the task twice, or watches it too), and closes it as often. The core hears when the last is
/// closed.
/// </summary>
internal sealed class GivenResults
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SegmentId, (int Uses, int Open)> _given = [];

    /// <param name="segment">Where the result is.</param>
    /// <param name="isKept">It may be sent later, or not at all: it stays until the stream ends.</param>
    public void Received(SegmentId segment, bool isKept)
    {
        lock (_gate)
        {
            var (uses, open) = _given.GetValueOrDefault(segment);
            _given[segment] = (uses + 1, open + (isKept ? 1 : 0));
        }
    }

    public void Sent(SegmentId segment)
    {
        lock (_gate)
        {
            var (uses, open) = _given.GetValueOrDefault(segment);
            _given[segment] = (uses, open + 1);
        }
    }

    /// <returns>How many uses the core must be told the end of. One for a segment that is the client's own.</returns>
    public int Closed(SegmentId segment)
    {
        lock (_gate)
        {
            if (!_given.TryGetValue(segment, out var given)) return 1;
            if (given.Open > 1)
            {
                _given[segment] = (given.Uses, given.Open - 1);
                return 0;
            }

            _given.Remove(segment);
            return given.Uses;
        }
    }
}
