using System.CommandLine;

namespace Queued.Cli.Commands;

/// <summary>Options that several verbs have, with one name and one wording.</summary>
internal static class SharedOptions
{
    public static Option<bool> Raw() =>
        OptionKinds.Flag("--raw", "Give out the bytes as they are, terminal escapes and all.");

    public static Option<TimeSpan?> Grace() =>
        OptionKinds.Duration("--grace", "From the request to stop to the kill. Default: the task's own.");
}
