using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Queued.Worker;
using Queued.Worker.Chunks;

namespace Queued.Client.ProcessPools;

/// <summary>
/// What this program is when a process pool has started it again: a worker that calls the functions it is told to.
/// </summary>
internal static class ProcessPoolWorker
{
    public const string Variable = "QUEUED_PROCESS_POOL";
    public const string HooksVariable = "DOTNET_STARTUP_HOOKS";

    public static bool IsWanted => Environment.GetEnvironmentVariable(Variable) is not null && QueuedWorker.IsSpawned;

    /// <summary>Runs until the daemon lets it go.</summary>
    /// <returns>The exit code.</returns>
    [RequiresUnreferencedCode("Finds methods by their names.")]
    [RequiresDynamicCode("Makes generic methods.")]
    public static int Run(IJsonTypeInfoResolver? resolver)
    {
        // What a function starts must not take itself for one of our workers.
        Environment.SetEnvironmentVariable(Variable, null);
        var hooks = (Environment.GetEnvironmentVariable(HooksVariable) ?? "").Split(Path.PathSeparator);
        var others = string.Join(Path.PathSeparator, hooks.Where(hook => hook != Hook));
        Environment.SetEnvironmentVariable(HooksVariable, others.Length > 0 ? others : null);

        var json = Json(resolver);
        var functions = new ConcurrentDictionary<string, FunctionCall>(StringComparer.Ordinal);
        return QueuedWorker.RunAsync(worker =>
        {
            // What functions put into queues and values reads as the pool's own inputs and results do.
            worker.Options.JsonSerializerOptions = json;
            worker.HandleRaw(CallPayload.Handler, (payload, context) =>
            {
                var (call, inputs) = CallPayload.Read(payload);
                var function = functions.GetOrAdd(
                    System.Text.Encoding.UTF8.GetString(call.Span), text => Find(text, json));
                return ChunkRun.RunAsync(
                    inputs,
                    (writer, output) => JsonSerializer.Serialize(writer, output, function.Output),
                    input => function.CallAsync(input, context),
                    context.CancellationToken);
            });
        }).GetAwaiter().GetResult();
    }

    /// <summary>The startup hook that takes the program over before its Main.</summary>
    public static string Hook
    {
        get
        {
            var path = Path.Combine(
                AppContext.BaseDirectory, typeof(ProcessPoolWorker).Assembly.GetName().Name + ".dll");
            return File.Exists(path) ? path : typeof(ProcessPoolWorker).Assembly.GetName().Name!;
        }
    }

    /// <summary>
    /// The same in the program and in its workers. Fields count, so that tuples can be inputs and results.
    /// </summary>
    public static JsonSerializerOptions Json(IJsonTypeInfoResolver? resolver)
    {
        var json = new JsonSerializerOptions(JsonSerializerDefaults.Web) { IncludeFields = true };
        var reflection = JsonSerializer.IsReflectionEnabledByDefault ? Reflection() : null;
        json.TypeInfoResolver = JsonTypeInfoResolver.Combine(resolver, reflection);
        return json;
    }

    [RequiresUnreferencedCode("Finds methods by their names.")]
    [RequiresDynamicCode("Makes generic methods.")]
    private static FunctionCall Find(string text, JsonSerializerOptions json)
    {
        try
        {
            return new FunctionCall(
                JsonSerializer.Deserialize(text, MethodReferenceJson.Default.MethodReference)!, json);
        }
        catch (Exception error) when (error is MissingMethodException or TypeLoadException or FileNotFoundException
                or NotSupportedException or JsonException)
        {
            throw new TaskRejectedException(error.Message, error);
        }
    }

    [UnconditionalSuppressMessage(
        "Trimming", "IL2026", Justification = "Only where reflection is on, which trimming turns off.")]
    [UnconditionalSuppressMessage(
        "AOT", "IL3050", Justification = "Only where reflection is on, which native AOT turns off.")]
    private static DefaultJsonTypeInfoResolver Reflection() => new();
}
