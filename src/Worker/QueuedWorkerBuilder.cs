using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Queued.Worker.Handlers;

namespace Queued.Worker;

/// <summary>
/// Adds handlers to a worker under the generic host. Made by <see cref="QueuedWorkerServices.AddQueuedWorker"/>.
/// </summary>
public sealed class QueuedWorkerBuilder
{
    private readonly WorkerHandlers _handlers;
    private readonly HandlerTable _table;

    internal QueuedWorkerBuilder(IServiceCollection services, QueuedWorkerOptions options, HandlerTable table)
    {
        Services = services;
        _table = table;
        _handlers = new WorkerHandlers(options, table);
    }

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a handler class. One instance is made for each attempt, in a scope of its own.</summary>
    /// <typeparam name="THandler">
    /// A class that implements <see cref="ITaskHandler{TIn, TOut}"/> once. It is registered as a scoped service where
    /// it is not registered yet.
    /// </typeparam>
    /// <param name="name">The handler's name: 1 to 128 of <c>A-Z a-z 0-9 . _ -</c>, each given once.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The name is not valid or given already.</exception>
    public QueuedWorkerBuilder AddHandler<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(string name)
        where THandler : class, ITaskHandler
    {
        Services.TryAddScoped<THandler>();
        _table.Add(name, json => THandler.CreateInvoker(services => services.Get<THandler>(), json));
        return this;
    }

    /// <inheritdoc cref="WorkerHandlers.Handle{TIn, TOut}(string, Func{TIn, TOut})"/>
    public QueuedWorkerBuilder AddHandler<TIn, TOut>(string name, Func<TIn, TOut> handler) =>
        Add(_handlers.Handle(name, handler));

    /// <inheritdoc cref="WorkerHandlers.Handle{TIn, TOut}(string, Func{TIn, TOut})"/>
    public QueuedWorkerBuilder AddHandler<TIn, TOut>(string name, Func<TIn, TaskContext, TOut> handler) =>
        Add(_handlers.Handle(name, handler));

    /// <inheritdoc cref="WorkerHandlers.Handle{TIn, TOut}(string, Func{TIn, Task{TOut}})"/>
    public QueuedWorkerBuilder AddHandler<TIn, TOut>(string name, Func<TIn, Task<TOut>> handler) =>
        Add(_handlers.Handle(name, handler));

    /// <inheritdoc cref="WorkerHandlers.Handle{TIn, TOut}(string, Func{TIn, Task{TOut}})"/>
    public QueuedWorkerBuilder AddHandler<TIn, TOut>(string name, Func<TIn, TaskContext, Task<TOut>> handler) =>
        Add(_handlers.Handle(name, handler));

    /// <inheritdoc cref="WorkerHandlers.Handle{TIn}(string, Func{TIn, TaskContext, Task})"/>
    public QueuedWorkerBuilder AddHandler<TIn>(string name, Func<TIn, TaskContext, Task> handler) =>
        Add(_handlers.Handle(name, handler));

    /// <inheritdoc cref="WorkerHandlers.HandleRaw"/>
    public QueuedWorkerBuilder AddRawHandler(string name, Func<TaskPayload, TaskContext, Task<TaskPayload>> handler) =>
        Add(_handlers.HandleRaw(name, handler));

    private QueuedWorkerBuilder Add(WorkerHandlers _) => this;
}
