using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>open-session, cancel-wait.</summary>
internal static class SessionVerbs
{
    public static Command? Parse(TraceLine line) => line.Verb switch
    {
        "open-session" => new Command.OpenSession(Session(line.Word(0)), line.Word(0)),
        "cancel-wait" => new Command.CancelWait(
            new RequestId(long.Parse(line.Word(0).TrimStart('r'), CultureInfo.InvariantCulture))),
        _ => null,
    };

    public static SessionId Session(TraceLine line) => Session(line.Option("session", "s1"));

    private static SessionId Session(string name) =>
        new(long.Parse(name.TrimStart('s'), CultureInfo.InvariantCulture));
}
