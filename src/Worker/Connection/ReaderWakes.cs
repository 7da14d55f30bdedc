using System.Diagnostics;
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
    /// <summary>For more of them nobody waits with what there is to send.</summary>
    private const int GatherMax = 128;

    /// <summary>Code that takes longer is not waited for: what it has to send comes when it comes.</summary>
    private static readonly TimeSpan GatherTimeMax = TimeSpan.FromMilliseconds(1);

    private List<IThreadPoolWorkItem> _woken = [];
    private int _gathering;
    private volatile bool _takesLong;

    /// <summary>
    /// Called when the last of several goes on, and before that after each <see cref="GatherMax"/> of them: what they
    /// have to send can go together. On one of their threads, so it must not take long.
    /// </summary>
    public Action? Gone { get; set; }

    /// <summary>
    /// Several are going on, and <see cref="Gone"/> will be called soon. Never where they took long the last time.
    /// </summary>
    public bool IsGathering => Volatile.Read(ref _gathering) > 0 && !_takesLong;

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

        var several = new Several(this, _woken);
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
    private sealed class Several : IThreadPoolWorkItem
    {
        private readonly ReaderWakes _wakes;
        private readonly List<IThreadPoolWorkItem> _woken;
        private int _begun;
        private long _since = Stopwatch.GetTimestamp();

        public Several(ReaderWakes wakes, List<IThreadPoolWorkItem> woken)
        {
            (_wakes, _woken) = (wakes, woken);
            Interlocked.Increment(ref wakes._gathering);
        }

        public void Execute()
        {
            var hasAsked = false;
            while (Interlocked.Increment(ref _begun) - 1 is var next && next < _woken.Count)
            {
                if (!hasAsked && next + 1 < _woken.Count)
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                hasAsked = true;
                // Before the last begins, which may wait for what the others have to send.
                var isLast = next + 1 == _woken.Count;
                if (isLast)
                    Interlocked.Decrement(ref _wakes._gathering);
                if (isLast || (next > 0 && next % GatherMax == 0))
                    TellGone();
                _woken[next].Execute();
            }
        }

        private void TellGone()
        {
            var now = Stopwatch.GetTimestamp();
            _wakes._takesLong = Stopwatch.GetElapsedTime(Interlocked.Exchange(ref _since, now), now) > GatherTimeMax;
            _wakes.Gone?.Invoke();
        }
    }
}
