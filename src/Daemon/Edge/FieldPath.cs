using Queued.Broker;

namespace Queued.Daemon.Edge;

/// <summary>
/// The core names fields of its own commands; callers look for them in their request, where they lie deeper.
/// </summary>
internal static class FieldPath
{
    public const string Task = "task.";
    public const string Pool = "pool.";
    public const string Hello = "hello.";
    public const string Policy = "policy.";

    private const string Name = "name";

    /// <summary>The rejection with its field's path from the request on.</summary>
    public static Rejection Under(string prefix, Rejection rejection) =>
        rejection.Field is { } field && !field.StartsWith(prefix, StringComparison.Ordinal)
            ? rejection with { Field = prefix + field }
            : rejection;

    /// <summary>For calls whose field of that name is called otherwise.</summary>
    public static Rejection Called(string from, string to, Rejection rejection) =>
        rejection.Field == from ? rejection with { Field = to } : rejection;

    /// <summary>For calls that name their queue <c>name</c>.</summary>
    public static Rejection OfQueue(Rejection rejection) => Called("queue", Name, rejection);

    /// <summary>For calls that name their pool <c>pool</c>.</summary>
    public static Rejection OfPool(Rejection rejection) => Called(Name, "pool", rejection);

    /// <summary>For DeclareQueue: the name stands beside the policy.</summary>
    public static Rejection InQueue(Rejection rejection) =>
        rejection.Field == Name ? rejection : Under(Policy, rejection);
}
