using Spectre.Console;

namespace Queued.Cli.Rendering;

/// <summary>Good is green, bad is red, in between is yellow; only in the column of states.</summary>
internal static class StateColours
{
    public const string Column = "STATE";

    public static Style Of(string column, string cell) => column != Column ? Style.Plain : cell switch
    {
        "succeeded" or "active" or "ready" or "busy" or "running" => new Style(Color.Green),
        "failed" or "timed_out" or "expired" or "broken" or "fatal" => new Style(Color.Red),
        "retrying" or "paused" or "draining" or "backoff" or "cancelled" or "stopping" => new Style(Color.Yellow),
        _ => Style.Plain,
    };
}
