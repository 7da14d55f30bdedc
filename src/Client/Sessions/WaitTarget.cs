using Queued.Client.Pipes;
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

    /// <summary>A receive from the pipe would not wait: a message has come, or the end.</summary>
    /// <param name="end">An end of this client. It is taken where it was not.</param>
    public static WaitTarget Pipe<T>(PipeEnd<T> end)
    {
        ArgumentNullException.ThrowIfNull(end);
        return new WaitTarget { PipeEnd = end };
    }

    /// <summary>A message queue has a message to give.</summary>
    /// <param name="name">Its name.</param>
    public static WaitTarget Queue(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new WaitTarget { Wire = new Proto.WaitTarget { Queue = name } };
    }

    /// <summary>A task has ended, however.</summary>
    /// <param name="task">Its number.</param>
    public static WaitTarget Task(TaskId task) => new() { Wire = new Proto.WaitTarget { TaskId = task.Value } };

    /// <summary>An event is set.</summary>
    /// <param name="name">Its name.</param>
    public static WaitTarget Event(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new WaitTarget { Wire = new Proto.WaitTarget { Event = name } };
    }
}
