using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>open-session, cancel-wait.</summary>
internal static class SessionVerbs
{
    public static Command? Parse(TraceLine line, TraceRunner runner) => line.Verb switch
    {
        "open-session" => new Command.OpenSession(Session(line.Word(0)), line.Option("name", line.Word(0))),
        "cancel-wait" => new Command.CancelWait(Request(line.Word(0), runner)),
        _ => null,
    };

    public static SessionId Session(TraceLine line) => Session(line.Option("session", "s1"));

    /// <summary><c>r7</c>, or the name that the story gave the operation.</summary>
    private static RequestId Request(string word, TraceRunner runner) =>
        word is ['r', .. var digits] && long.TryParse(digits, CultureInfo.InvariantCulture, out var number)
            ? new RequestId(number)
            : runner.Names.Request(word);

    private static SessionId Session(string name) =>
        new(long.Parse(name.TrimStart('s'), CultureInfo.InvariantCulture));
}
