using Queued.Worker.Handlers;

namespace Queued.Worker;

/// <summary>
/// The handlers of a worker without a host, and its options. A handler's name is 1 to 128 of <c>A-Z a-z 0-9 . _ -</c>
/// and is given once; <c>exec</c> is the daemon's own. Handlers run on the thread pool, at most as many at once as
/// the worker has slots.
/// </summary>
public sealed class WorkerHandlers
{
    private readonly HandlerTable _table;

    internal WorkerHandlers(QueuedWorkerOptions options, HandlerTable table)
    {
        Options = options;
        _table = table;
    }

    /// <summary>How the worker connects and runs.</summary>
    public QueuedWorkerOptions Options { get; }

    /// <summary>Adds a handler that computes its result at once.</summary>
    /// <typeparam name="TIn">What it takes; read from JSON.</typeparam>
    /// <typeparam name="TOut">What it returns; written as JSON.</typeparam>
    /// <param name="name">The handler's name.</param>
    /// <param name="handler">The handler.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentException">The name is not valid or given already.</exception>
    public WorkerHandlers Handle<TIn, TOut>(string name, Func<TIn, TOut> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TIn, TOut>(name, (input, _) => Task.FromResult(handler(input)));
    }

    /// <inheritdoc cref="Handle{TIn, TOut}(string, Func{TIn, TOut})"/>
    public WorkerHandlers Handle<TIn, TOut>(string name, Func<TIn, TaskContext, TOut> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TIn, TOut>(name, (input, context) => Task.FromResult(handler(input, context)));
    }

    /// <summary>Adds an asynchronous handler.</summary>
    /// <typeparam name="TIn">What it takes; read from JSON.</typeparam>
    /// <typeparam name="TOut">What it returns; written as JSON.</typeparam>
    /// <param name="name">The handler's name.</param>
    /// <param name="handler">The handler.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentException">The name is not valid or given already.</exception>
    public WorkerHandlers Handle<TIn, TOut>(string name, Func<TIn, Task<TOut>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TIn, TOut>(name, (input, _) => handler(input));
    }

    /// <inheritdoc cref="Handle{TIn, TOut}(string, Func{TIn, Task{TOut}})"/>
    public WorkerHandlers Handle<TIn, TOut>(string name, Func<TIn, TaskContext, Task<TOut>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(name, handler);
    }

    /// <summary>Adds an asynchronous handler without a result; the task's result is JSON <c>null</c>.</summary>
    /// <typeparam name="TIn">What it takes; read from JSON.</typeparam>
    /// <param name="name">The handler's name.</param>
    /// <param name="handler">The handler.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentException">The name is not valid or given already.</exception>
    public WorkerHandlers Handle<TIn>(string name, Func<TIn, TaskContext, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add<TIn, NoResult?>(name, async (input, context) =>
        {
            await handler(input, context).ConfigureAwait(false);
            return null;
        });
    }

    /// <inheritdoc cref="Handle{TIn}(string, Func{TIn, TaskContext, Task})"/>
    public WorkerHandlers Handle<TIn>(string name, Func<TIn, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Handle<TIn>(name, (input, _) => handler(input));
    }

    /// <summary>Adds a handler that takes and returns bytes, which nobody reads or writes for it.</summary>
    /// <param name="name">The handler's name.</param>
    /// <param name="handler">The handler. The bytes of the result must not be changed after it has returned.</param>
    /// <returns>The same object.</returns>
    /// <exception cref="ArgumentException">The name is not valid or given already.</exception>
    public WorkerHandlers HandleRaw(string name, Func<TaskPayload, TaskContext, Task<TaskPayload>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _table.Add(name, _ => (_, payload, context) => handler(payload, context));
        return this;
    }

    private WorkerHandlers Add<TIn, TOut>(string name, Func<TIn, TaskContext, Task<TOut>> handler)
    {
        _table.Add(name, json => JsonInvoker.Create<TIn, TOut>(json, (_, input, context) => handler(input, context)));
        return this;
    }
}
