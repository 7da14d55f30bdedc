using Queued.Worker;

namespace Queued.Client;

/// <summary>What a handler shares with other processes, over the daemon that serves it.</summary>
public static class TaskContextClient
{
    extension(TaskContext context)
    {
        /// <summary>
        /// A client of the daemon that gave the task: its queues, pipes, shared state, memory and tasks. Nothing has to
        /// be configured; JSON is read and written as the worker does it. It connects when it is first used, is one for
        /// all attempts of the worker, and is disposed with the worker's connection: do not dispose it.
        /// </summary>
        /// <remarks>
        /// What is held through it is held by the worker's process, until it is released or the process ends. A handler
        /// that holds something disposes it before it returns.
        /// </remarks>
        /// <exception cref="ObjectDisposedException">The worker's connection has ended.</exception>
        public IQueuedClient Client => context.GetCompanion(static (address, json) =>
            new QueuedClient(new QueuedClientOptions { Address = address, JsonSerializerOptions = json }));
    }
}
