namespace Queued.Client.Sessions;

/// <summary>
/// Something that one caller awaits. Where it comes with an answer, his code goes on as <see cref="AnswerWakes"/> says;
/// else on a thread of the pool, and never under a lock of whoever sets it. Set, or failed, once.
/// </summary>
internal class Awaited<T> : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<T> _done = new();
    private T? _result;
    private Exception? _failure;

    public Task<T> Task => _done.Task;

    public void Set(T result, AnswerWakes wakes)
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
    public void SetHere(T result) => _done.SetResult(result);

    void IThreadPoolWorkItem.Execute()
    {
        if (_failure is not null)
            _done.SetException(_failure);
        else
            _done.SetResult(_result!);
    }
}
