using System.Runtime.CompilerServices;
using Queued.Protocol.Streams;

namespace Queued.Worker.Connection;

/// <summary>
/// Those whom a message of the daemon wakes: who waited for an answer, an attempt that begins. They go on with the
/// thread that has read the message, and several of them with threads of the pool beside it: that saves a wake-up of
/// another thread where one is alone. By then the next message is awaited elsewhere, so their code may take its time,
/// and wait for what comes. Of the one reader alone.
/// </summary>
internal sealed class ReaderWakes
{
    private List<IThreadPoolWorkItem> _woken = [];

    public void Add(IThreadPoolWorkItem wake) => _woken.Add(wake);

    /// <summary>Awaits the next message, and lends this thread meanwhile.</summary>
    public Lending During(Task<bool> next) => new(this, next);

    /// <summary>Nothing more is read: whoever waits goes on elsewhere.</summary>
    public void RunElsewhere()
    {
        if (Take() is { } woken)
            ThreadPool.UnsafeQueueUserWorkItem(woken, preferLocal: true);
    }

    private IThreadPoolWorkItem? Take()
    {
        if (_woken.Count == 0)
            return null;
        if (_woken.Count == 1)
        {
            var alone = _woken[0];
            _woken.Clear();
            return alone;
        }

        var several = new Several(_woken);
        _woken = new List<IThreadPoolWorkItem>(_woken.Count);
        return several;
    }

    internal readonly struct Lending(ReaderWakes wakes, Task<bool> next) : ICriticalNotifyCompletion
    {
        public bool IsCompleted
        {
            get
            {
                if (!next.IsCompleted)
                    return false;
                wakes.RunElsewhere();
                return true;
            }
        }

        public Lending GetAwaiter() => this;

        public bool GetResult() => next.GetAwaiter().GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            // Before the reader goes on: from there on the next message is his, on whatever thread.
            var woken = wakes.Take();
            next.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(continuation);
            if (woken is null)
                return;
            SocketPoll.Lend();
            woken.Execute();
        }
    }

    /// <summary>
    /// One after the other, which is cheap; and as long as there are more, another thread of the pool is asked to help,
    /// so that none waits for one that takes its time.
    /// </summary>
    private sealed class Several(List<IThreadPoolWorkItem> woken) : IThreadPoolWorkItem
    {
        private int _begun;

        public void Execute()
        {
            var hasAsked = false;
            while (Interlocked.Increment(ref _begun) - 1 is var next && next < woken.Count)
            {
                if (!hasAsked && next + 1 < woken.Count)
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                hasAsked = true;
                woken[next].Execute();
            }
        }
    }
}
