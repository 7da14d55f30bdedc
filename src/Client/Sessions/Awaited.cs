using Queued.Protocol.Streams;
using Queued.Worker.Connection;

namespace Queued.Client.Sessions;

/// <summary>
/// Something that one caller awaits. Where it comes with an answer, his code goes on as <see cref="ReaderWakes"/> says;
/// else on a thread of the pool, and never under a lock of whoever sets it. Set, or failed, once.
/// </summary>
internal class Awaited<T> : TaskCompletionSource<T>, IThreadPoolWorkItem
{
    private T? _result;
    private Exception? _failure;

    public void Set(T result, ReaderWakes wakes)
    {
        _result = result;
        wakes.Add(this);
    }

    public void Set(T result)
    {
        _result = result;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    public void Fail(Exception failure)
    {
        _failure = failure;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>His code goes on here: whoever calls this has nothing else to do, and holds no lock.</summary>
    public void SetHere(T result)
    {
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
