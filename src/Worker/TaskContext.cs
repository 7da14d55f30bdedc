using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Queued.Worker.Runtime;

namespace Queued.Worker;

/// <summary>
/// One attempt as its handler sees it. Its members may be used from any thread, until the handler has returned.
/// </summary>
public sealed class TaskContext
{
    private static readonly AsyncLocal<TaskContext?> Flowing = new();
    private readonly Attempt _attempt;

    internal TaskContext(Attempt attempt) => _attempt = attempt;

    /// <summary>The attempt that the calling code runs in. Null outside of handlers.</summary>
    public static TaskContext? Current
    {
        get => Flowing.Value;
        internal set => Flowing.Value = value;
    }

    /// <summary>Number of the task.</summary>
    public long TaskId => (long)_attempt.Id.Task;

    /// <summary>
    /// Number of this execution of the task: 1, 2, 3 … It counts every time the task was given to a worker, whatever
    /// the reason.
    /// </summary>
    public int Attempt => (int)_attempt.Id.Attempt;

    /// <summary>How many attempts failed before and count against the task's limit of attempts.</summary>
    public int FailedAttempts => _attempt.FailedAttempts;

    /// <summary>The handler that was called.</summary>
    public string Handler => _attempt.Target.Handler;

    /// <summary>The queue that the task came from.</summary>
    public string Queue => _attempt.Target.Queue;

    /// <summary>Labels as submitted.</summary>
    public IReadOnlyDictionary<string, string> Labels => _attempt.Labels;

    /// <summary>When the task was submitted.</summary>
    public DateTimeOffset SubmittedAt => _attempt.SubmittedAt;

    /// <summary>
    /// When the hard timeout comes, as far as this process can tell. Null: never. <see cref="ExtendAsync"/> moves it.
    /// </summary>
    public DateTimeOffset? Deadline => _attempt.Deadline;

    /// <summary>
    /// Cancelled when the attempt is to stop: <see cref="CancelReason"/> says why. A handler that does not stop
    /// within the grace is stopped with its process.
    /// </summary>
    public CancellationToken CancellationToken => _attempt.CancellationToken;

    /// <summary>
    /// Why the attempt is to stop; <see cref="CancelReason.None"/> while nobody asked for it. Set before <see
    /// cref="CancellationToken"/> is cancelled.
    /// </summary>
    public CancelReason CancelReason => _attempt.CancelReason;

    /// <summary>
    /// Says how far the attempt is. Costs little: of many reports in a row only the last one is sent.
    /// </summary>
    /// <param name="completed">Done so far, in a unit of the handler's choice. Not negative.</param>
    /// <param name="total">Of how much. 0, the default: unknown.</param>
    /// <param name="message">One line for people; more than 1 KiB of it is cut. Default: empty.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite.</exception>
    public void ReportProgress(double completed, double total = 0, string message = "")
    {
        ThrowIfNotCount(completed, nameof(completed));
        ThrowIfNotCount(total, nameof(total));
        ArgumentNullException.ThrowIfNull(message);
        _attempt.ReportProgress(completed, total, message);
    }

    /// <summary>
    /// Adds a line to the attempt's log, where clients read it with the task's output. All lines are sent, in order.
    /// </summary>
    /// <param name="line">The line; more than 64 KiB of it is cut.</param>
    public void Log(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        _attempt.Log(line);
    }

    /// <summary>
    /// Asks for more time: the attempt's timeouts start again from now, the hard one with the given length.
    /// </summary>
    /// <param name="timeout">Until the hard timeout, more than 0 to 30 days.</param>
    /// <param name="cancellationToken">Gives up waiting; the extension may be sent nevertheless.</param>
    /// <returns>Completes when the extension was handed to the connection.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is out of range.</exception>
    /// <exception cref="InvalidOperationException">The attempt is no longer this worker's.</exception>
    public Task ExtendAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ThrowIfOutOfRange(timeout, TimeSpan.FromTicks(1), TimeSpan.FromDays(30), nameof(timeout));
        return _attempt.ExtendAsync(timeout).WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Leaves the handler; the task goes back to its queue and runs again after the delay. Nothing is counted against
    /// it.
    /// </summary>
    /// <param name="delay">How much later, 0 to 365 days.</param>
    /// <exception cref="TaskSnoozedException">Always; let it through.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The delay is out of range.</exception>
    [DoesNotReturn]
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "It belongs to the attempt.")]
    public void Snooze(TimeSpan delay)
    {
        ThrowIfOutOfRange(delay, TimeSpan.Zero, TimeSpan.FromDays(365), nameof(delay));
        throw new TaskSnoozedException(delay);
    }

    /// <summary>
    /// Says that the attempt waits for another task: its slot is free for others until the returned scope is
    /// disposed. So a task may wait for a task of its own pool without a deadlock. The client SDK does this around
    /// its own waits. Scopes may be nested; the outermost counts. Timeouts go on meanwhile.
    /// </summary>
    /// <returns>The wait; disposing it ends it.</returns>
    public IDisposable BeginWait() => _attempt.BeginWait();

    /// <summary>What the client SDK keeps for all handlers of the worker's connection.</summary>
    internal T GetCompanion<T>(Func<string, JsonSerializerOptions, T> make)
        where T : class, IAsyncDisposable => _attempt.Companion.Get(make);

    private static void ThrowIfNotCount(double value, string name)
    {
        if (!double.IsFinite(value) || value < 0)
            throw new ArgumentOutOfRangeException(name, value, "It must be a finite number and not negative.");
    }

    private static void ThrowIfOutOfRange(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentOutOfRangeException(name, value, $"It must be {least} to {most}.");
    }
}
