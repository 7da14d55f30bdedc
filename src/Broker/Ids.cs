using System.Globalization;

namespace Queued.Broker;

/// <summary>
/// Number of a task: above 0, below 2^53 so that every language's JSON can hold it, never given twice.
/// </summary>
public readonly record struct TaskId(ulong Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// One execution of a task. Whatever is said or done about running work names it, so that late words find nothing.
/// </summary>
public readonly record struct AttemptId(TaskId Task, uint Attempt)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Task}/{Attempt}");
}

/// <summary>One worker process, unique for the daemon's life. Shown as <c>w7</c>.</summary>
public readonly record struct WorkerId(ulong Value)
{
    public static bool TryParse(ReadOnlySpan<char> text, out WorkerId id)
    {
        id = default;
        if (text is not ['w', .. var digits] ||
            !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        id = new WorkerId(value);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"w{Value}");
}

/// <summary>Pairs a command with its <see cref="Effect.Reply"/>. 0: nobody waits.</summary>
public readonly record struct RequestId(long Value)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"r{Value}");
}

/// <summary>Somebody who wants to hear of tasks: a client's stream, or one waiting call. 0: nobody.</summary>
public readonly record struct SessionId(long Value)
{
    public bool IsNone => Value == 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"s{Value}");
}

/// <summary>An end of a pipe that was taken. Never given twice, and higher than in any earlier life.</summary>
public readonly record struct PipeEndId(ulong Value)
{
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
