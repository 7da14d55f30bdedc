namespace Queued.Worker.Runtime;

/// <summary>Names one execution of a task; everything said of it carries both numbers.</summary>
internal readonly record struct AttemptId(ulong Task, uint Attempt)
{
    public override string ToString() => $"{Task}/{Attempt}";
}
