namespace Queued.Protocol.Streams;

/// <summary>
/// Finds out whether the peer of a socket is still there, by a look at it now and then: who is silent from one look to
/// the next is asked, and is gone who is still silent at the look after that, or has all the while made no room for the
/// question. One look at a time.
/// </summary>
internal sealed class PeerWatch(FrameSocket socket)
{
    private bool _isSuspect;
    private bool _wasAsked;

    /// <returns>The peer gives no sign of life.</returns>
    public bool IsGone()
    {
        if (!socket.TakeIsSilent())
        {
            _isSuspect = false;
            return false;
        }

        if (_isSuspect && _wasAsked) return true;
        _wasAsked = socket.Ping();
        var isGone = _isSuspect && !_wasAsked;
        _isSuspect = true;
        return isGone;
    }
}
