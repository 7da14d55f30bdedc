using System.Collections.Frozen;
using System.Text.Json;

namespace Queued.Worker.Handlers;

/// <summary>Handlers by name, while they are being added.</summary>
internal sealed class HandlerTable
{
    private const string BuiltInExec = "exec";
    private const int CountMax = 10_000;
    private readonly Dictionary<string, Func<JsonSerializerOptions, Invoker>> _factories = new(StringComparer.Ordinal);

    internal void Add(string name, Func<JsonSerializerOptions, Invoker> factory)
    {
        if (!Names.IsValid(name))
            throw new ArgumentException($"The handler name '{name}' is not valid: {Names.Rule}", nameof(name));
        if (name == BuiltInExec)
            throw new ArgumentException($"The handler name '{BuiltInExec}' is the daemon's own.", nameof(name));
        if (_factories.Count == CountMax)
            throw new ArgumentException($"A worker offers at most {CountMax} handlers.", nameof(name));
        if (!_factories.TryAdd(name, factory))
            throw new ArgumentException($"There is a handler '{name}' already.", nameof(name));
    }

    /// <exception cref="InvalidOperationException">There are no handlers, or a type has no JSON metadata.</exception>
    internal FrozenDictionary<string, Invoker> Build(JsonSerializerOptions json)
    {
        if (_factories.Count == 0)
            throw new InvalidOperationException("The worker has no handlers. Add one before it runs.");
        Dictionary<string, Invoker> invokers = new(_factories.Count, StringComparer.Ordinal);
        foreach (var (name, factory) in _factories)
        {
            try
            {
                invokers.Add(name, factory(json));
            }
            catch (MissingJsonMetadataException missing)
            {
                throw new InvalidOperationException(
                    $"The handler '{name}' takes or returns {missing.Type}, and there is no JSON metadata for it. "
                    + "Make it known with [JsonSerializable] in a JsonSerializerContext, "
                    + "and set that as the worker's JsonTypeInfoResolver.",
                    missing);
            }
        }

        return invokers.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
