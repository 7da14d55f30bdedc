using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Queued.Client.ProcessPools;

/// <summary>A method in words that another process of the same program understands.</summary>
/// <param name="Type">Declaring type, with its assembly.</param>
/// <param name="Method">Name and signature of the method (of its definition where it is generic).</param>
/// <param name="TypeArguments">Of a generic method, with their assemblies.</param>
internal sealed record MethodReference(string Type, string Method, string[] TypeArguments)
{
    private const BindingFlags Any =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.DeclaredOnly;

    /// <exception cref="ArgumentException">
    /// The delegate holds on to something that another process does not have.
    /// </exception>
    public static MethodReference From(Delegate function)
    {
        var method = function.Method;
        if (function.GetInvocationList().Length != 1)
            throw new ArgumentException(
                "The function is several functions in one delegate; a process pool runs one.", nameof(function));
        if (function.Target is { } target && !method.IsStatic && !IsStateless(target))
        {
            throw new ArgumentException(
                $"The function {Describe(method)} uses something of the surrounding code ({Captured(target)}), which "
                + "the worker processes do not have. Make it a static method or a static lambda (static x => …), and "
                + "pass what it needs as its input.",
                nameof(function));
        }

        if (method.DeclaringType?.AssemblyQualifiedName is not { } type
            || method is System.Reflection.Emit.DynamicMethod)
            throw new ArgumentException(
                $"The function {method.Name} was made at run time; the worker processes do not have it.",
                nameof(function));
        var definition = method.IsGenericMethod ? method.GetGenericMethodDefinition() : method;
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        return new MethodReference(
            type, definition.ToString()!, [.. arguments.Select(argument => argument.AssemblyQualifiedName!)]);
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, MethodReferenceJson.Default.MethodReference);

    /// <exception cref="MissingMethodException">This program does not have it.</exception>
    [RequiresUnreferencedCode("Finds a method by its name.")]
    [RequiresDynamicCode("Makes generic methods.")]
    public MethodInfo Resolve()
    {
        var type = System.Type.GetType(Type)
            ?? throw new MissingMethodException($"The worker does not have the type {Type}. Is it the same program?");
        var method = Array.Find(type.GetMethods(Any), candidate => candidate.ToString() == Method)
            ?? throw new MissingMethodException(
                $"The worker's type {type} has no method {Method}. Is it the same program?");
        return TypeArguments.Length == 0
            ? method
            : method.MakeGenericMethod(
                [.. TypeArguments.Select(name => System.Type.GetType(name, throwOnError: true)!)]);
    }

    /// <summary>What a lambda that captures nothing is called on: an object of the compiler's without fields.</summary>
    private static bool IsStateless(object target) =>
        IsCompilerMade(target.GetType()) && InstanceFields(target).Length == 0;

    private static bool IsCompilerMade(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute)) || type.Name.StartsWith('<');

    private static string Captured(object target)
    {
        if (!IsCompilerMade(target.GetType()))
            return $"the object it is called on, a {target.GetType()}";
        var names = InstanceFields(target).Select(
            field => field.Name.Contains("this", StringComparison.Ordinal) ? "this" : field.Name);
        return string.Join(", ", names);
    }

    [UnconditionalSuppressMessage(
        "Trimming", "IL2075", Justification = "Fields that were trimmed away are not captured.")]
    private static FieldInfo[] InstanceFields(object target) =>
        target.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    private static string Describe(MethodInfo method) =>
        method.Name.StartsWith('<')
            ? $"in {method.DeclaringType?.DeclaringType ?? method.DeclaringType}"
            : $"{method.DeclaringType}.{method.Name}";
}

[JsonSerializable(typeof(MethodReference))]
internal sealed partial class MethodReferenceJson : JsonSerializerContext;
