using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Queued.Worker;

namespace Queued.Client.ProcessPools;

/// <summary>A function of the program, ready to be called with JSON.</summary>
internal sealed class FunctionCall
{
    private readonly MethodInvoker _invoker;
    private readonly object? _target;
    private readonly bool _takesContext;
    private readonly JsonTypeInfo _input;
    private readonly Func<Task, object?>? _readTask;

    [RequiresUnreferencedCode("Finds a method by its name.")]
    [RequiresDynamicCode("Makes generic methods.")]
    public FunctionCall(MethodReference reference, JsonSerializerOptions json)
    {
        var method = reference.Resolve();
        var parameters = method.GetParameters();

        // A lambda that captures nothing is an instance method of an object without state: any such object will do.
        _target = method.IsStatic ? null : RuntimeHelpers.GetUninitializedObject(method.DeclaringType!);
        _invoker = MethodInvoker.Create(method);
        _input = json.GetTypeInfo(parameters[0].ParameterType);
        _takesContext = parameters.Length > 1;
        var output = method.ReturnType;
        if (typeof(Task).IsAssignableFrom(output))
        {
            var result = output.GetProperty(nameof(Task<>.Result))
                ?? throw new MissingMethodException($"{method} returns no result.");
            var get = MethodInvoker.Create(result.GetMethod!);
            _readTask = task => get.Invoke(task);
            output = result.PropertyType;
        }

        Output = json.GetTypeInfo(output);
    }

    public JsonTypeInfo Output { get; }

    public async Task<object?> CallAsync(ReadOnlyMemory<byte> json, TaskContext context)
    {
        object? input;
        try
        {
            input = JsonSerializer.Deserialize(json.Span, _input);
        }
        catch (JsonException error)
        {
            throw new TaskRejectedException($"The input cannot be read as {_input.Type}: {error.Message}", error);
        }

        var output = Invoke(input, context);
        if (_readTask is null)
            return output;
        var task = (Task)output!;
        await task.ConfigureAwait(false);
        return _readTask(task);
    }

    private object? Invoke(object? input, TaskContext context)
    {
        try
        {
            return _takesContext ? _invoker.Invoke(_target, input, context) : _invoker.Invoke(_target, input);
        }
        catch (TargetInvocationException error) when (error.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
