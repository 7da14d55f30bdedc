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

    private static readonly TimeSpan QuickMax = TimeSpan.FromMilliseconds(1);

    private readonly Action? _gone;
    private readonly Timer? _watch;
    private List<IThreadPoolWorkItem> _woken = [];
    private Several? _alone;
    private int _isWatched;
    private int _gathering;
    private volatile bool _takesLong;

    /// <summary>Each may take long: another thread is asked to help at once.</summary>
    public ReaderWakes()
    {
    }

    /// <summary>
    /// Most take a few microseconds, for which no other thread need wake up: one is asked to help where several have
    /// not all begun within a millisecond, and at once where the last ones took so long.
    /// </summary>
    /// <param name="gone">
    /// Called after several have gone on, and after each <see cref="GatherMax"/> of them: what they have to send can go
    /// together, and on the thread that calls.
    /// </param>
    public ReaderWakes(Action gone)
    {
        _gone = gone;
        _watch = new Timer(
            static wakes => ((ReaderWakes)wakes!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Several are going on, and what they have to send will be sent soon without more ado.</summary>
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

    /// <summary>Whether it may go on without the help of others, as one at a time may; it is looked after then.</summary>
    private bool TryGoAlone(Several several)
    {
        if (_watch is null || _takesLong || Interlocked.CompareExchange(ref _alone, several, null) is not null)
            return false;
        WatchOn();
        return true;
    }

    // Once in a millisecond at most, however many messages there are.
    private void WatchOn()
    {
        if (Interlocked.Exchange(ref _isWatched, 1) == 0)
            _watch!.Change(QuickMax, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        Interlocked.Exchange(ref _isWatched, 0);
        if (Volatile.Read(ref _alone) is not { } several)
            return;
        if (several.TakesLong)
            several.AskForHelp();
        else
            WatchOn();
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
        private readonly long _began = Stopwatch.GetTimestamp();
        private int _begun;

        public Several(ReaderWakes wakes, List<IThreadPoolWorkItem> woken)
        {
            (_wakes, _woken) = (wakes, woken);
            Interlocked.Increment(ref wakes._gathering);
        }

        public bool TakesLong => Stopwatch.GetElapsedTime(_began) > QuickMax;

        public void AskForHelp()
        {
            if (Interlocked.CompareExchange(ref _wakes._alone, null, this) == this)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        public void Execute()
        {
            var isAlone = Volatile.Read(ref _begun) == 0 && _wakes.TryGoAlone(this);
            var hasAsked = isAlone;
            int next;
            while ((next = Interlocked.Increment(ref _begun) - 1) < _woken.Count)
            {
                if (!hasAsked && next + 1 < _woken.Count)
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                hasAsked = true;
                if (next > 0 && next % GatherMax == 0)
                    _wakes._gone?.Invoke();
                if (isAlone && TakesLong)
                    AskForHelp();
                _woken[next].Execute();
            }

            if (isAlone)
                Interlocked.CompareExchange(ref _wakes._alone, null, this);
            // Of whoever is the first to find none left: those that were quick have gone on.
            if (next == _woken.Count)
                End();
        }

        private void End()
        {
            Interlocked.Decrement(ref _wakes._gathering);
            _wakes._takesLong = TakesLong;
            _wakes._gone?.Invoke();
        }
    }
}
