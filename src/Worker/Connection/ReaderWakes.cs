using System.Runtime.CompilerServices;
using Queued.Protocol.Streams;

namespace Queued.Worker.Connection;

/// <summary>
/// Those whom a message of the daemon wakes: who waited for an answer, an attempt that begins. The last of them, who
/// most often is the only one, goes on with the thread that has read the message: that saves a wake-up of another. By
/// then the next message is awaited elsewhere, so his code may take its time, and wait for what comes. Of the one reader
/// alone.
/// </summary>
internal sealed class ReaderWakes
{
    private IThreadPoolWorkItem? _last;

    public void Add(IThreadPoolWorkItem wake)
    {
        RunElsewhere();
        _last = wake;
    }

    /// <summary>Awaits the next message, and lends this thread meanwhile.</summary>
    public Lending During(Task<bool> next) => new(this, next);

    /// <summary>Nothing more is read: whoever waits goes on elsewhere.</summary>
    public void RunElsewhere()
    {
        if (_last is not { } last)
            return;
        _last = null;
        ThreadPool.UnsafeQueueUserWorkItem(last, preferLocal: true);
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
            var last = wakes._last;
            wakes._last = null;
            next.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(continuation);
            if (last is null)
                return;
            SocketPoll.Lend();
            last.Execute();
        }
    }
}
