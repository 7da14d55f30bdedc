using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Queued.Cli.Input;
using Queued.Cli.Rendering;
using Queued.Client;

namespace Queued.Cli.Commands;

/// <summary>Options and arguments by the kind of their value, with one wording for what is wrong.</summary>
internal static class OptionKinds
{
    private delegate bool TryParse<T>(ReadOnlySpan<char> text, out T value);

    public static Option<TimeSpan?> Duration(
        string name, string description, string helpName = "DURATION", TimeSpan? most = null) => new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => One(
                result,
                (ReadOnlySpan<char> text, out TimeSpan value) =>
                    DurationText.TryParse(text, out value) && !(value > most),
                DurationText.Expected + (most is { } limit ? $", at most {Words.Duration(limit)}" : ""),
                text => text.StartsWith('-') && DurationText.TryParse(text.AsSpan(1), out _)
                    ? "is negative, not"
                    : "is not"),
        };

    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result => One<long>(result, SizeText.TryParse, SizeText.Expected),
    };

    public static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => One<DateTimeOffset>(result, TryTime, "a time such as 2026-01-31T09:00:00Z"),
    };

    public static Option<int?> Number(string name, string description, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => One(
            result,
            (ReadOnlySpan<char> text, out int value) => int.TryParse(
                text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value)
                && value >= minimum && value <= maximum,
            FormattableString.Invariant($"a number from {minimum} to {maximum}")),
    };

    public static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "0..1",
        CustomParser = result => One<double>(
            result,
            (ReadOnlySpan<char> text, out double value) => double.TryParse(
                text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)
                && value is >= 0 and <= 1,
            "a number from 0 to 1"),
    };

    /// <summary>May be given many times; a name given twice counts once, with the last value.</summary>
    public static Option<Dictionary<string, string>> Pairs(
        string name, string description, params string[] aliases) => new(name, aliases)
        {
            Description = description,
            HelpName = "NAME=VALUE",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
            DefaultValueFactory = _ => [],
            CustomParser = Pairs,
        };

    public static Option<string[]> Many(string name, string description, string helpName) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    public static Option<string?> Text(
        string name, string description, string helpName, params string[] aliases) => new(name, aliases)
        {
            Description = description,
            HelpName = helpName,
        };

    public static Option<bool> Flag(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
    };

    public static Argument<string> Name(string name, string description) => new(name) { Description = description };

    public static Argument<TaskId> TaskId(string description) => new("ID")
    {
        Description = description,
        CustomParser = result => TaskIds(result) is [var only, ..] ? only : default,
    };

    public static Argument<TaskId[]> TaskIds(string description, ArgumentArity arity) => new("ID")
    {
        Description = description,
        Arity = arity,
        CustomParser = TaskIds,
    };

    private static TaskId[] TaskIds(ArgumentResult result)
    {
        var ids = new List<TaskId>();
        foreach (Token token in result.Tokens)
        {
            if (Client.TaskId.TryParse(token.Value, out TaskId id))
                ids.Add(id);
            else
                result.AddError($"'{token.Value}' is not a task's number.");
        }

        return [.. ids];
    }

    private static Dictionary<string, string> Pairs(ArgumentResult result)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Token token in result.Tokens)
        {
            int equals = token.Value.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                pairs[token.Value[..equals]] = token.Value[(equals + 1)..];
            else
                result.AddError($"{NameOf(result)}: '{token.Value}' is not NAME=VALUE.");
        }

        return pairs;
    }

    private static T? One<T>(
        ArgumentResult result, TryParse<T> tryParse, string expected, Func<string, string>? isNot = null)
        where T : struct
    {
        string text = result.Tokens[^1].Value;
        if (tryParse(text, out T value))
            return value;
        result.AddError($"{NameOf(result)}: '{text}' {isNot?.Invoke(text) ?? "is not"} {expected}.");
        return null;
    }

    private static string NameOf(ArgumentResult result) =>
        result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;

    private static bool TryTime(ReadOnlySpan<char> text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out time);
}
