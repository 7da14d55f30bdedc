using System.Runtime.CompilerServices;

namespace Queued.Protocol.Streams;

/// <summary>
/// Whose the thread is on which messages are written. Whoever wakes a writer lends him his own, and so does the poll
/// that finds room for a message: that saves the wake-up of another. It is lent for one message; what has come
/// meanwhile is written by a thread of the pool. Or the first would get his thread back only when nobody else has
/// anything to say. Of one writer alone.
/// </summary>
internal sealed class WriterThread
{
    private bool _isLent;
    private bool _hasWritten;

    /// <summary>To be awaited before each message.</summary>
    public ConfiguredTaskAwaitable ForMessage()
    {
        var isOver = _isLent && _hasWritten;
        if (isOver) _isLent = false;
        _hasWritten = true;
        return Task.CompletedTask.ConfigureAwait(
            isOver ? ConfigureAwaitOptions.ForceYielding : ConfigureAwaitOptions.None);
    }

    /// <summary>The write of a message, to be awaited.</summary>
    public Task Writing(Task write)
    {
        // Where it has to wait for room, whoever finds that there is some goes on with the writer.
        if (!write.IsCompleted) _isLent = true;
        return write;
    }

    /// <summary>The wait for something to write, to be awaited.</summary>
    public ValueTask Waiting(ValueTask wait)
    {
        // Where it is over already the thread is the same.
        if (!wait.IsCompleted) (_isLent, _hasWritten) = (true, false);
        return wait;
    }
}
