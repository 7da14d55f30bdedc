using System.Text;

namespace Queued.Broker.Tests.Model;

/// <summary>What is in shared objects. Payloads are texts here.</summary>
internal sealed partial class StateModel
{
    public void Add(Command.AddCounter command)
    {
        if (Find(command, isHolding: false, StateKind.Counter) is not { } state) return;
        if (command.Expected is { } expected && expected != state.Number)
        {
            Answer(command, $"unchanged {state.Number}");
            return;
        }

        state.Number = (command.Set ?? state.Number) + command.Delta;
        Answer(command, $"is {state.Number}");
    }

    public void Write(Command.WriteValue command)
    {
        if (Find(command, isHolding: false, StateKind.Value) is not { } state) return;
        if (command.ExpectedVersion is { } expected && expected != state.Version)
        {
            Answer(command, $"not-written version={state.Version}{(state.Text is { } text ? $" {text}" : "")}");
            return;
        }

        state.Text = Text(command.Payload);
        state.Version++;
        Answer(command, $"written version={state.Version}");
    }

    public void Read(Command.ReadValue command)
    {
        if (Find(command, isHolding: false, StateKind.Value) is not { } state) return;
        Answer(command, $"value version={state.Version}{(state.Text is { } text ? $" {text}" : "")}");
    }

    public void Write(Command.WriteMap command)
    {
        if (Find(command, isHolding: false, StateKind.Map) is not { } state) return;
        var isAsExpected = command.Changes.All(change => change.ExpectedVersion is not { } expected
            || expected == (state.Map.TryGetValue(change.Key, out var entry) ? entry.Version : 0));
        if (!isAsExpected)
        {
            Answer(command, $"not-written version={state.Version}");
            return;
        }

        var previous = string.Concat(command.Changes.Where(change => state.Map.ContainsKey(change.Key))
            .Select(change => $" {change.Key}:{state.Map[change.Key].Text}@{state.Map[change.Key].Version}"));
        if (command.Clear) state.Map.Clear();
        if (command.Clear || command.Changes.Count > 0) state.Version++;
        foreach (var change in command.Changes)
        {
            if (change.Payload is { } payload) state.Map[change.Key] = (Text(payload), state.Version);
            else state.Map.Remove(change.Key);
        }

        Answer(command, $"written version={state.Version}{previous}");
    }

    public void Read(Command.ReadMap command)
    {
        if (Find(command, isHolding: false, StateKind.Map) is not { } state) return;
        var rest = state.Map.Where(entry => string.CompareOrdinal(entry.Key, command.After) > 0).ToArray();
        var page = rest.Take(command.PageSize).ToArray();
        var next = rest.Length > page.Length ? $" next={page[^1].Key}" : "";
        var text = string.Concat(page.Select(entry => $" {entry.Key}:{entry.Value.Text}@{entry.Value.Version}"));
        Answer(command, $"map count={state.Map.Count}{text}{next}");
    }

    public void Write(Command.WriteList command)
    {
        if (Find(command, isHolding: false, StateKind.List) is not { } state) return;
        var items = command.Items.Select(Text).ToArray();
        var left = command.Clear ? [] : state.List.ToList();
        var start = command.Append ? left.Count : command.Start < 0 ? left.Count + command.Start : command.Start;
        if (items.Length > 0 && (start < 0 || start + command.RemoveCount > left.Count))
        {
            Reject(command, "INVALID_REQUEST");
            return;
        }

        var removed = new List<string>();
        for (var taken = 0; taken < command.RemoveCount && start >= 0 && start < left.Count; taken++)
        {
            removed.Add(left[(int)start]);
            left.RemoveAt((int)start);
        }

        for (var item = 0; item < items.Length; item++) left.Insert((int)start + item, items[item]);
        state.List.Clear();
        state.List.AddRange(left);
        Answer(command, $"written count={left.Count}{string.Concat(removed.Select(item => $" {item}"))}");
    }

    private static string Text(TaskPayload payload) =>
        payload.Length == 0 ? "empty" : Encoding.UTF8.GetString(payload.Data.Span);
}
