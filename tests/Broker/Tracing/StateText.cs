using System.Text;

namespace Queued.Broker.Tests.Tracing;

/// <summary>What is answered of shared state, in one line.</summary>
internal static class StateText
{
    /// <summary>Null: it is of something else.</summary>
    public static string? Line(Response response) => response switch
    {
        Response.StateUsed used => used.Created ? "made" : "used",
        Response.Acquired { IsAcquired: true } acquired => $"acquired token={acquired.Token}",
        Response.Acquired => "not-acquired",
        Response.EventWaited waited => waited.IsSet ? "set" : "not-set",
        Response.BarrierPassed passed => $"passed place={passed.Place}",
        Response.ConditionWaited waited =>
            $"{(waited.IsNotified ? "notified" : "not-notified")} token={waited.Token}",
        Response.Notified notified => $"woken {notified.Count}",
        Response.CounterRead read => $"{(read.IsChanged ? "is" : "unchanged")} {read.Value}",
        Response.ValueRead read =>
            $"value version={read.Version}{(read.Payload is { } payload ? $" {ViewText.Bytes(payload)}" : "")}",
        Response.ValueWritten written => $"{Word(written.IsWritten)} version={written.Version}" +
            $"{(written.Payload is { } payload ? $" {ViewText.Bytes(payload)}" : "")}",
        Response.ArrayRead read => $"elements {Convert.ToHexStringLower(read.Elements.Span)}",
        Response.ArrayWritten written => Word(written.IsWritten),
        Response.MapRead read => $"map count={read.Count}{Items(read.Items)}" +
            (read.Next.Length > 0 ? $" next={read.Next}" : ""),
        Response.MapWritten written =>
            $"{Word(written.IsWritten)} version={written.Version}{Items(written.Previous)}",
        Response.ListRead read => $"list count={read.Count}{Items(read.Items)}",
        Response.ListWritten written => $"written count={written.Count}{Items(written.Removed)}",
        Response.GrantRevoked revoked => $"revoked token={revoked.Token}",
        _ => null,
    };

    public static string View(StateView state)
    {
        var text = new StringBuilder($"{state.Name} {EffectText.Word(state.Settings.Kind)}");
        if (state.Keep) text.Append(" kept");
        if (state.IsBroken) text.Append(" broken");
        ViewText.Add(text, "users", state.Users);
        ViewText.Add(text, "waiting", state.Waiting);
        ViewText.Add(text, "count", state.Count);
        ViewText.Add(text, "value", state.Value);
        ViewText.Add(text, "bytes", state.Bytes);
        foreach (var grant in state.Grants)
        {
            text.Append($" {grant.Token}@{grant.Holder}");
            if (grant.Depth > 1) text.Append($"x{grant.Depth}");
            if (grant.LeaseUntil is { } until) text.Append($" until={until:HH:mm:ss.fff}");
        }

        return text.ToString();
    }

    private static string Word(bool isWritten) => isWritten ? "written" : "not-written";

    private static string Items(IReadOnlyList<MapItem> items) =>
        string.Concat(items.Select(item => $" {item.Key}:{ViewText.Bytes(item.Payload)}@{item.Version}"));

    private static string Items(IReadOnlyList<TaskPayload> items) =>
        string.Concat(items.Select(item => $" {ViewText.Bytes(item)}"));
}
