using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Queued.Protocol.Streams;

namespace Queued.Worker.Connection;

/// <summary>
/// Those whom a message of the daemon wakes: who waited for an answer, an attempt that begins. They go on with the
/// thread that has read the message, and several of them with threads of the pool beside it: that saves a wake-up of
/// another thread where one is alone. By then the next message is awaited elsewhere, so their code may take its time,
/// and wait for what comes. Of the one reader alone.
/// </summary>
[SuppressMessage(
    "Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "The timer is set for a millisecond at a time, as long as somebody is waited for.")]
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

    /// <summary>
    /// Several are going on, one after the other and quickly: <c>gone</c> will be called within a few milliseconds.
    /// </summary>
    public bool IsGathering => Volatile.Read(ref _alone) is not null;

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

    /// <summary>Whether it may go on without the help of others: one at a time may, and is looked after.</summary>
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
    private sealed class Several(ReaderWakes wakes, List<IThreadPoolWorkItem> woken) : IThreadPoolWorkItem
    {
        private readonly long _began = Stopwatch.GetTimestamp();
        private int _begun;

        public bool TakesLong => Stopwatch.GetElapsedTime(_began) > QuickMax;

        /// <summary>From here on nobody waits for it with what there is to send.</summary>
        public void AskForHelp()
        {
            if (Interlocked.CompareExchange(ref wakes._alone, null, this) != this)
                return;
            wakes._takesLong = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        public void Execute()
        {
            var isAlone = Volatile.Read(ref _begun) == 0 && wakes.TryGoAlone(this);
            // What those have to send who were waited for, and still take their time.
            if (!isAlone)
                wakes._gone?.Invoke();
            var hasAsked = isAlone;
            int next;
            while ((next = Interlocked.Increment(ref _begun) - 1) < woken.Count)
            {
                if (!hasAsked && next + 1 < woken.Count)
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                hasAsked = true;
                if (isAlone && next > 0 && next % GatherMax == 0)
                    wakes._gone!();
                if (isAlone && TakesLong)
                    AskForHelp();
                woken[next].Execute();
            }

            // Whoever is the first to find none left: those that were quick have gone on.
            if (next == woken.Count)
                wakes._takesLong = TakesLong;
            if (isAlone && Interlocked.CompareExchange(ref wakes._alone, null, this) == this)
                wakes._gone!();
        }
    }
}
