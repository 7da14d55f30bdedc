using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Queued.Broker;

/// <summary>Checks that stay on: a broken one is a bug, and the process stops rather than corrupt its state.</summary>
public static class Invariant
{
    public static void Require(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        if (!condition) Fail(text);
    }

    [DoesNotReturn]
    private static void Fail(string? text) => throw new InvariantException($"Broken invariant: {text}");
}

/// <summary>The core's state contradicts itself. Never caught: the process ends with it.</summary>
public sealed class InvariantException : Exception
{
    public InvariantException()
    {
    }

    public InvariantException(string message)
        : base(message)
    {
    }

    public InvariantException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
