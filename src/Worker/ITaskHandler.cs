using System.Text.Json;
using Queued.Worker.Handlers;

namespace Queued.Worker;

/// <summary>
/// What every handler class is at bottom. Implement <see cref="ITaskHandler{TIn, TOut}"/>, never this alone.
/// </summary>
public interface ITaskHandler
{
    internal static abstract Invoker CreateInvoker(Func<AttemptServices, object> resolve, JsonSerializerOptions json);
}

/// <summary>
/// A handler as a class. One instance is made for each attempt, in a scope of its own, with its constructor's
/// parameters injected.
/// </summary>
/// <typeparam name="TIn">What the handler takes; read from JSON.</typeparam>
/// <typeparam name="TOut">What the handler returns; written as JSON.</typeparam>
public interface ITaskHandler<TIn, TOut> : ITaskHandler
{
    /// <summary>Runs one attempt.</summary>
    /// <param name="input">The task's payload.</param>
    /// <param name="context">The attempt: its identity, cancellation, progress, log.</param>
    /// <returns>The result. An exception fails the attempt: <see cref="NonRetryableException"/> and
    /// <see cref="TaskRejectedException"/> for good, any other until the task has no attempts left.</returns>
    Task<TOut> HandleAsync(TIn input, TaskContext context);

    static Invoker ITaskHandler.CreateInvoker(Func<AttemptServices, object> resolve, JsonSerializerOptions json) =>
        JsonInvoker.Create<TIn, TOut>(
            json,
            (services, input, context) => ((ITaskHandler<TIn, TOut>)resolve(services)).HandleAsync(input, context));
}
