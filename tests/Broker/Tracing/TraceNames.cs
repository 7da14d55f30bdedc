using System.Globalization;

namespace Queued.Broker.Tests.Tracing;

/// <summary>The names that a story gives its tasks, and the latest attempt of each.</summary>
internal sealed class TraceNames
{
    private readonly Dictionary<string, TaskId> _ids = [];
    private readonly Dictionary<TaskId, string> _names = [];
    private readonly Dictionary<TaskId, uint> _attempts = [];
    private readonly Dictionary<RequestId, IReadOnlyList<string>> _puts = [];
    private readonly Dictionary<string, RequestId> _requests = [];
    private readonly Dictionary<RequestId, string> _requestNames = [];

    /// <summary>The request of the line that is played.</summary>
    public RequestId Latest { get; set; }

    public TaskId Task(string name) =>
        name is ['#', .. var digits] ? new TaskId(ulong.Parse(digits, CultureInfo.InvariantCulture))
        : _ids.TryGetValue(name, out var id) ? id
        : throw new FormatException($"No task is named '{name}'.");

    /// <summary><c>a</c>: its latest attempt; <c>a/2</c>: that one.</summary>
    public AttemptId Attempt(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return new AttemptId(Task(text), _attempts.GetValueOrDefault(Task(text)));
        return new AttemptId(
            Task(text[..slash]), uint.Parse(text[(slash + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>What is put under that request gets these names, when it is there.</summary>
    public void Expect(RequestId request, IReadOnlyList<string> names) => _puts[request] = names;

    public void Bind(string name, RequestId request)
    {
        _requests[name] = request;
        _requestNames[request] = name;
    }

    public RequestId Request(string name) => _requests.TryGetValue(name, out var request)
        ? request
        : throw new FormatException($"No operation is named '{name}'.");

    /// <summary>Null: the story gives it no name.</summary>
    public string? Find(RequestId request) => _requestNames.GetValueOrDefault(request);

    public string Show(TaskId id) => _names.TryGetValue(id, out var name) ? name : $"#{id}";

    public string Show(AttemptId attempt) => $"{Show(attempt.Task)}/{attempt.Attempt}";

    public void Learn(TraceLine line, Command command, List<Effect> effects)
    {
        foreach (var effect in effects)
        {
            if (effect is not Effect.Reply reply) continue;
            switch (reply.Response)
            {
                case Response.Submitted submitted:
                    for (var index = 0; index < submitted.Results.Count; index++)
                    {
                        if (submitted.Results[index] is { Rejection: null, Deduplicated: false } result)
                            Bind(line.Words[index], result.Id);
                    }

                    break;
                case Response.Retried retried:
                    if (line.Option("as") is { } retry) Bind(retry, retried.Task);
                    break;
                case Response.Requeued requeued when command is Command.RequeueDead:
                    var names = line.Names("as");
                    for (var index = 0; index < names.Count; index++) Bind(names[index], requeued.Tasks[index]);
                    break;
            }
        }

        Learn(effects);
    }

    public void Learn(List<Effect> effects)
    {
        foreach (var effect in effects)
        {
            var assignment = effect switch
            {
                Effect.Assign assign => assign.Assignment,
                Effect.StartExec start => start.Assignment,
                _ => null,
            };
            switch (effect)
            {
                case Effect.Reply { Response: Response.MessagesPut put } reply:
                    var (names, ids) = (_puts[reply.Request], put.Ids.ToArray());
                    for (var index = 0; index < ids.Length; index++)
                    {
                        if (ids[index] != default) Bind(names[index], ids[index]);
                    }

                    break;
                case Effect.Reply { Response: Response.MessagesGiven given }:
                    foreach (var message in given.Messages) _attempts[message.Id] = message.Delivery;
                    break;
            }

            if (assignment is not null) _attempts[assignment.Attempt.Task] = assignment.Attempt.Attempt;
        }
    }

    private void Bind(string name, TaskId id)
    {
        _ids[name] = id;
        _names[id] = name;
    }
}
