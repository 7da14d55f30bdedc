using System.Text;

namespace Queued.Broker;

/// <summary>
/// What a process can be started with: what no system takes, and what is more than this one takes, is found before a
/// pool is made of it and not when its workers do not start.
/// </summary>
internal static class LaunchRules
{
    public static Rejection? Check(PoolSettings pool, BrokerLimits limits) =>
        CheckCommand(pool.Command, limits) ??
        CheckEnvironment(pool.Environment, limits) ??
        (pool.WorkingDirectory.Contains('\0', StringComparison.Ordinal)
            ? Rejections.Invalid("cwd", "The cwd holds a NUL character, which no path can.")
            : null) ??
        CheckTotal(pool, limits);

    private static Rejection? CheckCommand(IReadOnlyList<string> command, BrokerLimits limits)
    {
        if (command.Count > limits.ArgumentsMax)
            return Rejections.Invalid("command", $"A command has at most {limits.ArgumentsMax} strings.");
        for (var index = 0; index < command.Count; index++)
        {
            var mistake = index == 0 && command[0].Length == 0 ? "is empty; it names the program."
                : MistakeIn(command[index], limits);
            if (mistake is not null) return Rejections.Invalid($"command[{index}]", $"command[{index}] {mistake}");
        }

        return null;
    }

    private static Rejection? CheckEnvironment(IReadOnlyDictionary<string, string>? environment, BrokerLimits limits)
    {
        if (environment is null) return null;
        if (environment.Count > limits.VariablesMax)
            return Rejections.Invalid("env", $"An environment has at most {limits.VariablesMax} variables.");
        foreach (var (name, value) in environment)
        {
            var shown = Shown(name);
            if (name.Length == 0) return Rejections.Invalid("env", "The name of a variable is empty.");
            if (name.AsSpan().ContainsAny('=', '\0'))
                return Rejections.Invalid("env", $"The name of a variable holds '=' or NUL: '{shown}'.");
            if (MistakeIn($"{name}={value}", limits) is { } mistake)
                return Rejections.Invalid($"env[{shown}]", $"The variable '{shown}' {mistake}");
        }

        return null;
    }

    private static Rejection? CheckTotal(PoolSettings pool, BrokerLimits limits)
    {
        var bytes = pool.Command.Sum(BytesOf) +
            (pool.Environment?.Sum(variable => BytesOf(variable.Key) + BytesOf(variable.Value)) ?? 0);
        return bytes <= limits.CommandBytesMax ? null : Rejections.Invalid(
            "command",
            $"The command and its environment have {bytes} bytes; at most {limits.CommandBytesMax} are taken.");
    }

    private static string? MistakeIn(string text, BrokerLimits limits)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) return "holds a NUL character, which none can.";
        var bytes = Encoding.UTF8.GetByteCount(text);
        return bytes <= limits.ArgumentBytesMax ? null
            : $"has {bytes} bytes; at most {limits.ArgumentBytesMax} are taken. Put it into a file.";
    }

    /// <summary>With the NUL or '=' that ends it.</summary>
    private static long BytesOf(string text) => Encoding.UTF8.GetByteCount(text) + 1L;

    private static string Shown(string name)
    {
        var line = name.Replace('\0', '?');
        return line.Length <= 64 ? line : line[..64] + "…";
    }
}
