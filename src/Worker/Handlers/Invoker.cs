namespace Queued.Worker.Handlers;

/// <summary>Runs a handler on one attempt's payload.</summary>
internal delegate Task<TaskPayload> Invoker(AttemptServices services, TaskPayload payload, TaskContext context);
