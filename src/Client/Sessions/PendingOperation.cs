using Queued.Worker.Connection;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Sessions;

/// <summary>
/// An operation that has a tag and no answer yet. Told once, on the thread that reads the session: it must not block.
/// </summary>
internal abstract class PendingOperation
{
    private volatile bool _isSent;

    /// <summary>It is, or was, in a message that was given to the connection.</summary>
    public bool IsSent
    {
        get => _isSent;
        set => _isSent = value;
    }

    /// <summary>It was called off before it was sent, and is not to be.</summary>
    public bool IsCalledOff { get; set; }

    /// <param name="result">May be an error.</param>
    /// <param name="wakes">Has those who waited for it.</param>
    public abstract void Complete(Proto.SessionResult result, ReaderWakes wakes);

    /// <summary>The session has ended before the answer.</summary>
    public abstract void Fail(QueuedException end);
}

/// <summary>An operation whose answer somebody awaits.</summary>
internal sealed class AwaitedOperation : PendingOperation
{
    private readonly Awaited<Proto.SessionResult> _answer = new();

    public Task<Proto.SessionResult> Answer => _answer.Task;

    public override void Complete(Proto.SessionResult result, ReaderWakes wakes) => _answer.Set(result, wakes);

    public override void Fail(QueuedException end) => _answer.Fail(end);
}
