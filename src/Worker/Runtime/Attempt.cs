using System.Diagnostics.CodeAnalysis;
using Queued.Protocol.V1;

namespace Queued.Worker.Runtime;

/// <summary>What an attempt was given to work on.</summary>
/// <param name="Data">Its bytes; empty where they are in a segment.</param>
/// <param name="ContentType">Their media type.</param>
/// <param name="Segment">Where they are instead.</param>
internal readonly record struct AttemptInput(ReadOnlyMemory<byte> Data, string ContentType, SegmentRange? Segment);

/// <summary>One assignment, from its arrival to its settlement.</summary>
[SuppressMessage("Reliability", "CA1001:Types that own disposable fields should be disposable",
    Justification = "A cancel may come at any time, also after the end; there is no timer and no handle to free.")]
internal sealed class Attempt(WorkerSession session, AttemptId id, AssignmentTarget target, AttemptInput input)
    : IThreadPoolWorkItem
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();
    private readonly Lock _waitGate = new();
    private CancellationTokenSource? _cancellation;
    private int _waitDepth;
    private int _reason;

    internal AttemptId Id { get; } = id;

    internal AssignmentTarget Target { get; } = target;

    internal AttemptInput Input { get; } = input;

    internal DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Those that count.</summary>
    internal int FailedAttempts { get; init; }

    internal IReadOnlyDictionary<string, string> Labels =>
        Target.Labels.Count == 0 ? NoLabels : Target.Labels.AsReadOnly();

    internal DateTimeOffset? Deadline { get; private set; }

    /// <summary>Most handlers never look: its source is made when somebody does, or when it is cancelled.</summary>
    internal CancellationToken CancellationToken => Cancellation.Token;

    private CancellationTokenSource Cancellation => LazyInitializer.EnsureInitialized(ref _cancellation);

    internal CancelReason CancelReason => (CancelReason)Volatile.Read(ref _reason);

    internal Companion Companion => session.Companion;

    /// <summary>Its place among those that have not begun was taken from it. Guarded by the session.</summary>
    internal bool IsWithdrawn { get; set; }

    /// <summary>Its handler runs, or has run. Guarded by the session.</summary>
    internal bool HasBegun { get; set; }

    /// <summary>Its slot is free for others. Guarded by the session.</summary>
    internal bool IsWaiting { get; set; }

    void IThreadPoolWorkItem.Execute() => _ = session.RunAsync(this);

    internal void Begin(DateTimeOffset now) =>
        Deadline = Target.Timeout is { } timeout ? now + timeout.ToTimeSpan() : null;

    /// <summary>
    /// Asks the handler to stop. What it has registered runs on the thread pool, never on the caller's thread.
    /// </summary>
    internal void Cancel(CancelReason reason)
    {
        Volatile.Write(ref _reason, (int)reason);
        ThreadPool.UnsafeQueueUserWorkItem(static attempt => attempt.RunCancellation(), this, preferLocal: false);
    }

    internal void ReportProgress(double completed, double total, string message) => session.Outbox.AddProgress(
        Id,
        new Progress
        {
            Completed = completed,
            Total = total,
            Message = WireText.Cut(message, WireText.ProgressMessageBytesMax),
        });

    internal void Log(string line) => session.Outbox.AddLog(Id, WireText.Cut(line, WireText.LogLineBytesMax));

    internal Task ExtendAsync(TimeSpan timeout)
    {
        Deadline = session.UtcNow + timeout;
        return session.Outbox.AddExtension(Id, timeout);
    }

    internal IDisposable BeginWait()
    {
        lock (_waitGate)
        {
            if (_waitDepth++ == 0)
                session.BeginWait(this);
        }

        return new WaitScope(this);
    }

    private void EndWait()
    {
        lock (_waitGate)
        {
            if (--_waitDepth == 0)
                session.EndWait(this);
        }
    }

    private void RunCancellation()
    {
        try
        {
            Cancellation.Cancel();
        }
        catch (AggregateException error)
        {
            // A handler's own callback threw. The token is cancelled all the same, and the error is the handler's to
            // be told of.
            Log($"A cancellation callback threw: {error}");
        }
    }

    private sealed class WaitScope(Attempt attempt) : IDisposable
    {
        private Attempt? _attempt = attempt;

        public void Dispose() => Interlocked.Exchange(ref _attempt, null)?.EndWait();
    }
}
