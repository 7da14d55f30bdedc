using Queued.Client.Pipes;
using Queued.Client.Sessions;
using Proto = Queued.Protocol.V1;

namespace Queued.Client;

/// <summary>
/// One thing to wait for in
/// <see cref="IQueuedClient.WaitAnyAsync(IReadOnlyList{WaitTarget}, TimeSpan?, CancellationToken)"/>.
/// </summary>
public sealed class WaitTarget
{
    private WaitTarget()
    {
    }

    internal IPipeEnd? PipeEnd { get; private init; }

    /// <summary>What the daemon is asked for, where it is no end of a pipe.</summary>
    internal Proto.WaitTarget? Wire { get; private init; }

    /// <summary>Uses it first, in the session that then waits. Null: it needs no use.</summary>
    internal Func<CancellationToken, ValueTask<SessionConnection>>? UseAsync { get; private init; }

    /// <summary>A receive from the pipe would not wait: a message has come, or the end.</summary>
    /// <param name="end">An end of this client. It is taken where it was not.</param>
    public static WaitTarget Pipe<T>(PipeEnd<T> end)
    {
        ArgumentNullException.ThrowIfNull(end);
        return new WaitTarget { PipeEnd = end };
    }

    /// <summary>A get from the queue would not wait: it has a message, or drains and has given all.</summary>
    /// <param name="queue">The queue. It is made where it was not.</param>
    public static WaitTarget Queue<T>(MessageQueue<T> queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return new WaitTarget { Wire = new Proto.WaitTarget { Queue = queue.Name }, UseAsync = queue.UseAsync };
    }

    /// <summary>A task has ended, however.</summary>
    /// <param name="task">Its number.</param>
    public static WaitTarget Task(TaskId task) => new() { Wire = new Proto.WaitTarget { TaskId = task.Value } };

    /// <summary>An event is set.</summary>
    /// <param name="set">The event. It is made where it was not.</param>
    public static WaitTarget Event(SharedEvent set)
    {
        ArgumentNullException.ThrowIfNull(set);
        return new WaitTarget { Wire = new Proto.WaitTarget { Event = set.Name }, UseAsync = set.UseAsync };
    }
}
