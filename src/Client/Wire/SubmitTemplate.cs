using System.Diagnostics;
using Proto = Queued.Protocol.V1;

namespace Queued.Client.Wire;

/// <summary>What tasks that are submitted alike have in common: all but the payload and the priority.</summary>
internal sealed class SubmitTemplate
{
    private readonly SubmitOptions _options;

    private SubmitTemplate(string handler, SubmitOptions options)
    {
        _options = options;
        Spec = TaskMapping.ToSpec(handler, options);
        Bytes = Spec.CalculateSize();
    }

    /// <summary>Its priority is that of the first of them.</summary>
    public Proto.TaskSpec Spec { get; }

    /// <summary>How long <see cref="Spec"/> is in a message.</summary>
    public int Bytes { get; }

    /// <summary>The daemon forgets such a task at its end.</summary>
    public bool IsNotKept => Spec.ResultTtl is { Seconds: 0, Nanos: 0 };

    /// <summary>Where nothing else counts than the two, who submits again what he submitted has it already.</summary>
    /// <param name="latest">What was used before. Replaced by what is used now.</param>
    /// <param name="handler">The handler.</param>
    /// <param name="options">The options. They are never changed; what they refer to may be.</param>
    public static SubmitTemplate Of(ref SubmitTemplate? latest, string handler, SubmitOptions options)
    {
        if (Activity.Current is not null || options is { Labels.Count: > 0 } or { Retry: not null })
            return new SubmitTemplate(handler, options);
        if (Volatile.Read(ref latest) is { } same && same.Spec.Handler == handler && same.IsOf(options))
            return same;
        var made = new SubmitTemplate(handler, options);
        Volatile.Write(ref latest, made);
        return made;
    }

    // Not by a copy with the other's priority: where priorities differ it is compared for each task.
    private bool IsOf(SubmitOptions options) => ReferenceEquals(_options, options)
        || (_options.Queue == options.Queue && _options.Delay == options.Delay && _options.RunAt == options.RunAt
            && _options.Retry == options.Retry && _options.Timeout == options.Timeout
            && _options.SoftTimeout == options.SoftTimeout && _options.Grace == options.Grace
            && _options.QueueTimeout == options.QueueTimeout && _options.IdempotencyKey == options.IdempotencyKey
            && _options.IdempotencyTtl == options.IdempotencyTtl && _options.ConcurrencyKey == options.ConcurrencyKey
            && _options.ConcurrencyLimit == options.ConcurrencyLimit && _options.ResultTtl == options.ResultTtl
            && _options.Labels == options.Labels);
}
