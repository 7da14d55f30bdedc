namespace Queued.Broker.Tests.Model;

internal sealed partial class BrokerModel
{
    private void Follow(Command command)
    {
        switch (command)
        {
            case Command.SubmitTasks submit: Submit(submit); break;
            case Command.WatchTasks watch: Watch(watch); break;
            case Command.UnwatchTasks unwatch: Unwatch(unwatch); break;
            case Command.EndSession end: EndSession(end.Session); break;
            case Command.GetTask get: Get(get); break;
            case Command.ListDead list: ListDead(list); break;
            case Command.CancelTask cancel: Cancel(cancel); break;
            case Command.RetryTask retry: Retry(retry); break;
            case Command.DeclareQueue declare: Declare(declare); break;
            case Command.PauseQueue pause: Steer(pause.Name, QueueState.Paused, pause); break;
            case Command.ResumeQueue resume: Steer(resume.Name, QueueState.Active, resume); break;
            case Command.DrainQueue drain: Steer(drain.Name, QueueState.Draining, drain); break;
            case Command.PurgeQueue purge: Purge(purge); break;
            case Command.DeleteQueue delete: DeleteQueue(delete); break;
            case Command.RequeueDead requeue: Requeue(requeue); break;
            case Command.CreatePool create: CreatePool(create); break;
            case Command.ScalePool scale: Scale(scale); break;
            case Command.ReloadPool reload: Reload(reload); break;
            case Command.DeletePool delete: DeletePool(delete); break;
            case Command.StopWorker stop: StopByHand(stop); break;
            case Command.ConnectWorker connect: Connect(connect); break;
            case Command.WorkerReport report: Report(report); break;
            case Command.WorkerDisconnected gone: Disconnected(gone.Worker); break;
            case Command.WorkerSpawned: break;
            case Command.WorkerSpawnFailed failed: SpawnFailed(failed.Worker); break;
            case Command.WorkerExited exited: Exited(exited); break;
            case Command.WorkerSampled sampled: Sampled(sampled); break;
            case Command.StoreReached: StoreReached(); break;
            case Command.BeginShutdown begin: ShutDown(begin.DrainTime, now: false); break;
            case Command.ShutdownNow: ShutDown(TimeSpan.Zero, now: true); break;
            default: Fail($"The model does not know {command}."); break;
        }
    }

    private void Follow(Effect effect)
    {
        switch (effect)
        {
            case Effect.Assign assign: Assigned(assign.Worker, assign.Assignment); break;
            case Effect.StartWorker start: Started(start); break;
            case Effect.StartExec start: StartedExec(start); break;
            case Effect.DrainWorker drain: Drained(drain); break;
            case Effect.TerminateWorker terminate: Stopped(terminate.Worker, kill: false); break;
            case Effect.KillWorker kill: Stopped(kill.Worker, kill: true); break;
            case Effect.DisconnectWorker disconnect: Cut(disconnect.Worker); break;
            case Effect.AwaitStore: AwaitStore(); break;
            case Effect.TaskForgotten forgotten: Forgotten(forgotten.Task); break;
            case Effect.PoolChanged changed: PoolChanged(changed); break;
            case Effect.CancelAttempt cancel: Asked(cancel); break;
        }
    }
}
