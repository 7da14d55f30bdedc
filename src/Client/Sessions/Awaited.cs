using Queued.Protocol.Streams;
using Queued.Worker.Connection;

namespace Queued.Client.Sessions;

/// <summary>
/// Something that one caller awaits. Where it comes with an answer, his code goes on as <see cref="ReaderWakes"/> says;
/// else on a thread of the pool, and never under a lock of whoever sets it. Set, or failed, by one at a time; the first
/// counts.
/// </summary>
internal class Awaited<T> : TaskCompletionSource<T>, IThreadPoolWorkItem
{
    private T? _result;
    private Exception? _failure;
    private bool _isSettled;

    /// <returns>False: it was settled before.</returns>
    public bool Set(T result, ReaderWakes wakes)
    {
        if (_isSettled)
            return false;
        (_result, _isSettled) = (result, true);
        wakes.Add(this);
        return true;
    }

    public void Set(T result)
    {
        if (_isSettled)
            return;
        (_result, _isSettled) = (result, true);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    public void Fail(Exception failure)
    {
        if (_isSettled)
            return;
        (_failure, _isSettled) = (failure, true);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>His code goes on here: whoever calls this has nothing else to do, and holds no lock.</summary>
    public void SetHere(T result)
    {
        if (_isSettled)
            return;
        _isSettled = true;
        SocketPoll.Lend();
        SetResult(result);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_failure is null)
        {
            SetResult(_result!);
            return;
        }

        SetException(_failure);

        // Nobody has to wait for it: then the error is nobody's news.
        _ = Task.Exception;
    }
}
