using Queued.Client.Wire;
using Queued.Worker.Connection;

namespace Queued.Client.Streams;

/// <summary>
/// A task that this client has submitted or watches, until its outcome. The stream calls the methods, one at a time for
/// one task, on the threads that read and write it: they must not block.
/// </summary>
internal abstract class PendingTask
{
    /// <summary>
    /// What to submit, but for its payload and its priority; tasks that are alike have the same object. Null: it was
    /// taken, or is only watched.
    /// </summary>
    public SubmitTemplate? Template { get; set; }

    /// <summary>Its payload, as long as it has a template.</summary>
    public TaskPayload Payload { get; set; }

    public int Priority { get; set; }

    /// <summary>The daemon's number; 0 until it was taken.</summary>
    public ulong TaskId { get; set; }

    /// <summary>Our number on the stream; 0 while it has none. Guarded by the stream.</summary>
    public ulong Tag { get; set; }

    /// <summary>How long it is in a message.</summary>
    public int Bytes { get; set; }

    /// <summary>The same without a payload that is elsewhere.</summary>
    public int BytesInMessage => Staged?.Range is null ? Bytes : Bytes - Payload.Data.Length;

    /// <summary>Where its payload is, if that is large. Null: nobody has seen to it. Guarded by the stream.</summary>
    public StagedPayload? Staged { get; set; }

    /// <summary>When it last went into a message; 0 until then. Guarded by the stream.</summary>
    public long SentAt { get; set; }

    /// <summary>One of many: it lets those go first that were submitted singly.</summary>
    public virtual bool IsOfMap => false;

    /// <summary>
    /// Its submitter waits for its end, and so for the daemon's answer, which has the client's timeout from when it was
    /// sent.
    /// </summary>
    public virtual bool MustBeAnswered => false;

    /// <summary>Nobody waits for the ack: it may come with the outcome.</summary>
    public virtual bool AckMayWait => false;

    /// <summary>
    /// A result in shared memory stays there: whoever gets the outcome calls <see cref="LargePayloads.Leave"/>.
    /// </summary>
    public virtual bool IsReadInPlace => false;

    /// <summary>It was submitted so that the daemon forgets it at its end.</summary>
    public bool IsNotKept { get; set; }

    /// <summary>The ack is the end of it.</summary>
    public bool WithoutOutcome { get; init; }

    /// <summary>Nobody is interested any more. Guarded by the stream.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>
    /// Why it is cancelled as soon as the daemon has taken it. Null: it is not. Guarded by the stream.
    /// </summary>
    public string? CancelReason { get; set; }

    /// <summary>It was taken by the daemon, which may be nobody's news.</summary>
    /// <param name="deduplicated">As it was submitted before.</param>
    /// <param name="wakes">Has those who waited for it.</param>
    public virtual void OnAccepted(bool deduplicated, ReaderWakes wakes)
    {
    }

    /// <summary>Its end.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="wakes">Has those who waited for it.</param>
    public abstract void OnOutcome(TaskOutcome outcome, ReaderWakes wakes);

    /// <summary>It was refused, or nothing will be heard of it any more.</summary>
    public abstract void OnError(Exception error);

    /// <summary>The daemon has it, and nobody here has to.</summary>
    public void ForgetContent() => (Template, Payload, Staged) = (null, default, null);
}
