namespace Queued.Broker;

public sealed partial class BrokerCore
{
    private bool _isStoreStuck;

    /// <summary>What runs may end, and what was given may be settled: of that there is not without end.</summary>
    private void StoreStuckChanged(bool isStuck)
    {
        _isStoreStuck = isStuck;
        foreach (var queue in _queues.Values)
        {
            queue.IsHeld = isStuck && queue.IsDurable;
            UpdateOffers(queue);
        }
    }

    /// <summary>Whether the command is a wish that would change what is stored, and was refused for that.</summary>
    private bool RefuseWhileStuck(Command command)
    {
        var refused = command switch
        {
            Command.CancelTask cancel when _tasks.Find(cancel.Task) is { IsStored: true } => cancel.Request,
            Command.RetryTask retry when _tasks.Find(retry.Task) is { IsStored: true } => retry.Request,
            Command.DeclareQueue declare when IsStored(declare.Name, declare.Settings) => declare.Request,
            Command.UseQueue use when !_queues.ContainsKey(use.Name) && IsStored(use.Name, use.Settings) => use.Request,
            Command.PauseQueue pause when IsStored(pause.Name) => pause.Request,
            Command.ResumeQueue resume when IsStored(resume.Name) => resume.Request,
            Command.DrainQueue drain when IsStored(drain.Name) => drain.Request,
            Command.PurgeQueue purge when IsStored(purge.Name) => purge.Request,
            Command.DeleteQueue delete when IsStored(delete.Name) => delete.Request,
            Command.RequeueDead requeue when IsStored(requeue.Queue) => requeue.Request,
            Command.GetMessages get when get.Wait <= TimeSpan.Zero && IsStored(get.Queue) => get.Request,
            Command.CreatePool { IsConfigured: false } create => create.Request,
            Command.ScalePool scale when _pools.GetValueOrDefault(scale.Name) is { IsStored: true } => scale.Request,
            Command.DeletePool delete when _pools.GetValueOrDefault(delete.Name) is { IsStored: true } =>
                delete.Request,
            _ => default,
        };
        if (refused == default) return false;
        Refuse(refused, Rejections.StoreStuck());
        return true;
    }

    private bool IsStored(string queue, QueueSettings? settings = null) =>
        settings is { Durability: not Durability.Memory } || _queues.GetValueOrDefault(queue) is { IsStored: true };
}
