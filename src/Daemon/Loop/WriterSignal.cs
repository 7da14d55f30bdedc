using Queued.Protocol.Streams;

namespace Queued.Daemon.Loop;

/// <summary>
/// Wakes the one who writes to a stream. Set many times before it looks, it wakes once. Set in a turn of the loop, it
/// wakes after the turn; see <see cref="TurnWakes"/>.
/// </summary>
internal sealed class WriterSignal
{
    /// <summary>What may be written on the thread of the loop.</summary>
    private const int LightBytes = 16 * 1024;

    private readonly WakeSignal _wake = new();

    /// <summary>About how much there is to write. It only decides where.</summary>
    private long _bytes;

    private volatile bool _isDeferred;

    /// <summary>
    /// It is woken at the end of a turn. Turns of the loop and of what the store has confirmed go on beside each other,
    /// and one relies on what the other has said: whoever finds it true has marked it set before, and whoever makes it
    /// false wakes it afterwards. Where both defer it, it is woken once.
    /// </summary>
    public bool IsDeferred
    {
        get => _isDeferred;
        set => _isDeferred = value;
    }

    /// <param name="bytes">How much there is to write, more than before.</param>
    public void Set(int bytes = 0)
    {
        if (bytes != 0) Interlocked.Add(ref _bytes, bytes);
        if (_wake.Mark() && !TurnWakes.TryDefer(this)) Wake(isAlone: false);
    }

    /// <param name="isAlone">Nobody else is woken with it.</param>
    public void Wake(bool isAlone) => _wake.Wake(inline: isAlone && Volatile.Read(ref _bytes) <= LightBytes);

    public ValueTask WaitAsync()
    {
        // Whoever waits has taken what there was.
        Volatile.Write(ref _bytes, 0);
        return _wake.WaitAsync();
    }
}
